import { commentOf } from './columns.ts'
import type { Column, Parameters, StorageDescriptor, TableInput } from './ports.ts'
import { isSchemaParameter, schemaIn } from './schema-parameters.ts'
import { canonical, hash, parseJson } from './text.ts'

/** Names the parameters that follow the table's properties and settings, so that they go when those go. */
const OWNED = 'landfall.properties'

/** Equal for equal records: what the cursor remembers, so that an unchanged record costs no call. */
export function fingerprint(definition: TableInput): string {
  return hash(canonical(definition))
}

/** True when UpdateTable with `b` would leave `a` as it is. */
export function same(a: TableInput, b: TableInput): boolean {
  return canonical({ PartitionKeys: [], ...a }) === canonical({ PartitionKeys: [], ...b })
}

/** Says which parameters are {@link ownedKeys}. */
export function ownedParameter(keys: readonly string[]): Parameters {
  return keys.length === 0 ? {} : { [OWNED]: JSON.stringify([...keys].sort()) }
}

export function ownedKeys(found: TableInput): string[] {
  const listed = parseJson(found.Parameters?.[OWNED] ?? '[]')
  return Array.isArray(listed) ? listed.filter((key) => typeof key === 'string') : []
}

/**
 * `found`, with Landfall's own fields from `wanted`. Everything else stays as others left it: their parameters, statistics,
 * owner, retention, storage fields and column parameters, and comments by hand where the log has none. Keeps the stamp
 * of `found`.
 */
export function merged(found: TableInput, wanted: TableInput): TableInput {
  const storage: StorageDescriptor = { ...found.StorageDescriptor, ...wanted.StorageDescriptor }
  const serde = { ...found.StorageDescriptor?.SerdeInfo, ...wanted.StorageDescriptor?.SerdeInfo }
  // A reference into a schema registry would replace our columns.
  const { SchemaReference: _columnsFromElsewhere, ...ours } = storage
  const owned = ownedKeys(found)
  const { Description: described, ...rest } = found
  const description = wanted.Description ?? (owned.includes('comment') ? undefined : described)
  return {
    ...rest,
    ...wanted,
    ...(description === undefined ? {} : { Description: description }),
    Parameters: { ...foreignParameters(found.Parameters ?? {}, owned), ...wanted.Parameters },
    StorageDescriptor: {
      ...ours,
      Columns: mergedColumns(found, wanted),
      SerdeInfo: {
        ...serde,
        Parameters: {
          ...found.StorageDescriptor?.SerdeInfo?.Parameters,
          ...wanted.StorageDescriptor?.SerdeInfo?.Parameters,
        },
      },
    },
  }
}

/** A comment that differs from the last written schema was added by hand, and stays while the log has none. */
function mergedColumns(found: TableInput, wanted: TableInput): Column[] {
  const before = [...(found.StorageDescriptor?.Columns ?? []), ...(found.PartitionKeys ?? [])]
  const there = new Map(before.map((column) => [column.Name.toLowerCase(), column]))
  const written = new Map(
    schemaIn(found.Parameters ?? {})?.fields.map((field) => [field.name.toLowerCase(), commentOf(field)]),
  )
  return (wanted.StorageDescriptor?.Columns ?? []).map((column) => {
    const { Comment: comment, ...old } = there.get(column.Name) ?? { Name: column.Name }
    const kept = comment !== undefined && comment !== written.get(column.Name) ? { Comment: comment } : {}
    return { ...old, ...kept, ...column }
  })
}

function foreignParameters(parameters: Parameters, owned: readonly string[]): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).filter(([key]) => !owned.includes(key) && key !== OWNED && !isSchemaParameter(key)),
  )
}
