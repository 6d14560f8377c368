import { truncateUtf8 } from '../../core/text.ts'
import { Refused } from '../../core/refused.ts'
import { locationUri, type Table } from '../../lake/lake.ts'
import type { TableMetadata } from '../../tables/change.ts'
import type { StructField, StructType } from '../../tables/schema.ts'
import type { Column, Parameters, StorageDescriptor, TableInput } from '../../glue/ports.ts'
import { parseSchema, schemaJson } from '../../glue/schema-json.ts'
import { canonical, hash, multiLine, singleLine, split } from '../../glue/text.ts'
import { hiveType } from '../../glue/types.ts'

/** The last version whose commit changed the record, as Delta's own writers stamp it. */
export const VERSION = 'delta.lastUpdateVersion'
export const TIMESTAMP = 'delta.lastCommitTimestamp'
/** The Delta table's id: tells a table that was made anew at the same place, and a record that is Landfall's. */
export const TABLE_ID = 'landfall.tableId'
/** Which parameters come from the table's properties and description, so that they can go when those go. */
export const OWNED = 'landfall.properties'
const SCHEMA_PARTS = 'spark.sql.sources.schema'

/** Spark's `spark.sql.sources.schemaStringLengthThreshold`. */
const PART_LENGTH = 4000
/** Limits of Glue's API reference: Column, Comment and Name; TableInput, Description; parameters. */
const LIMITS = { comment: 255, columnName: 255, description: 2048, parameterKey: 255, parameterValue: 512_000 }

/**
 * The record that a Delta table should have, without the stamp of its version: what Athena's own DDL writes, so that Athena,
 * Spark, Databricks and Trino all read it (docs/reactions/catalog.md has it in full, with the reason for each field).
 *
 * @throws {Refused} `unknown-type`, `type-too-long`, `bad-column-name`, `duplicate-column`: nothing that Glue could hold.
 */
export function definitionOf(table: Table, metadata: TableMetadata): TableInput {
  if (table.catalog === undefined) throw new Error(`Table ${table.name} has no catalog settings in lake.yml.`)
  const location = `${locationUri(table.location)}/`
  return {
    Name: table.catalog.table,
    ...(metadata.description ? { Description: glueDescription(metadata.description) } : {}),
    TableType: 'EXTERNAL_TABLE',
    Parameters: parametersOf(metadata),
    // Partition columns are ordinary columns here: docs/adr/0003-partition-columns-are-plain-columns.md.
    PartitionKeys: [],
    StorageDescriptor: {
      Columns: columnsOf(metadata.schema),
      Location: location,
      InputFormat: 'org.apache.hadoop.mapred.SequenceFileInputFormat',
      OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat',
      SerdeInfo: {
        SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
        Parameters: { path: location, 'serialization.format': '1' },
      },
    },
  }
}

/** Equal for equal records: what the cursor remembers, so that an unchanged record costs no call. */
export function fingerprint(definition: TableInput): string {
  return hash(canonical(definition))
}

/** Where a record says which version it is of. */
export interface StampKeys {
  readonly version: string
  readonly committed: string
}

const DELTA: StampKeys = { version: VERSION, committed: TIMESTAMP }

/** `definition`, said to be that of `version`. */
export function stamped(definition: TableInput, version: number, committed: number, keys = DELTA): TableInput {
  const Parameters = { ...definition.Parameters, [keys.version]: `${version}`, [keys.committed]: `${committed}` }
  return { ...definition, Parameters }
}

export interface Stamp {
  readonly id: string | undefined
  readonly version: number
  readonly committed: number
}

export function stampOf(found: TableInput, keys = DELTA): Stamp | undefined {
  const [version, committed] = [keys.version, keys.committed].map((key) => found.Parameters?.[key])
  const isStamp = isWhole(version) && isWhole(committed)
  return isStamp
    ? { id: found.Parameters?.[TABLE_ID], version: Number(version), committed: Number(committed) }
    : undefined
}

function isWhole(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,16}$/.test(text)
}

/**
 * `found` with what Landfall owns as `wanted` says, and the rest as others left it: their parameters, statistics, owner,
 * retention, storage fields, column parameters, and their comments where Delta has none. Keeps the stamp of `found`.
 */
export function merged(found: TableInput, wanted: TableInput): TableInput {
  const storage: StorageDescriptor = { ...found.StorageDescriptor, ...wanted.StorageDescriptor }
  const serde = { ...found.StorageDescriptor?.SerdeInfo, ...wanted.StorageDescriptor?.SerdeInfo }
  // A reference into a schema registry would put other columns in the place of ours.
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

/** True when UpdateTable with `b` would leave `a` as it is. */
export function same(a: TableInput, b: TableInput): boolean {
  return canonical({ PartitionKeys: [], ...a }) === canonical({ PartitionKeys: [], ...b })
}

/**
 * What Landfall knew of the table when it wrote this record: enough to say what the record should be, without the log.
 * `undefined` when the record does not say it (anymore). Partition columns are not in it, and not needed.
 */
export function metadataIn(found: TableInput): TableMetadata | undefined {
  const parameters = found.Parameters ?? {}
  const id = parameters[TABLE_ID]
  const schema = schemaIn(parameters)
  if (id === undefined || schema === undefined) return undefined
  const owned = ownedKeys(found).filter((key) => Object.hasOwn(parameters, key))
  const description = owned.includes('comment') ? parameters['comment'] : undefined
  return {
    id,
    schema,
    partitionColumns: [],
    properties: Object.fromEntries(owned.filter((key) => key !== 'comment').map((key) => [key, parameters[key] ?? ''])),
    ...(description === undefined ? {} : { description }),
  }
}

function parametersOf(metadata: TableMetadata): Parameters {
  const properties = Object.entries(metadata.properties).filter(([key, value]) => isProperty(key, value))
  const description = metadata.description
    ? truncateUtf8(metadata.description.toWellFormed(), LIMITS.parameterValue)
    : undefined
  const followed = [...properties, ...(description === undefined ? [] : [['comment', description] as const])]
  const owned = followed.map(([key]) => key).sort()
  return Object.fromEntries([
    ...followed,
    ['EXTERNAL', 'TRUE'],
    ['table_type', 'delta'],
    ['spark.sql.sources.provider', 'delta'],
    ['spark.sql.partitionProvider', 'catalog'],
    ...Object.entries(schemaParameters(metadata.schema)),
    [TABLE_ID, metadata.id],
    ...(owned.length === 0 ? [] : [[OWNED, JSON.stringify(owned)] as const]),
  ])
}

/** The schema as Spark keeps it in a catalog. */
export function schemaParameters(schema: StructType): Parameters {
  const parts = split(schemaJson(schema), PART_LENGTH)
  return Object.fromEntries([
    [`${SCHEMA_PARTS}.numParts`, `${parts.length}`],
    ...parts.map((part, i) => [`${SCHEMA_PARTS}.part.${i}`, part] as const),
  ])
}

/** Whether a table property becomes a parameter: not when it would say something else there, nor when Glue cannot hold it. */
function isProperty(key: string, value: string): boolean {
  const reserved = ['EXTERNAL', 'table_type', 'comment', 'path', VERSION, TIMESTAMP].includes(key)
  const prefixed = key.startsWith('spark.sql.') || key.startsWith('landfall.')
  const fits = key !== '' && truncateUtf8(key, LIMITS.parameterKey) === key && value.length <= LIMITS.parameterValue
  return !reserved && !prefixed && fits && singleLine(key) === key && value.isWellFormed()
}

/** @throws {Refused} `duplicate-column`, `bad-column-name`, `unknown-type`, `type-too-long` */
export function columnsOf(schema: StructType): Column[] {
  const seen = new Set<string>()
  return schema.fields.map((field) => {
    const name = columnName(field.name)
    if (seen.has(name)) {
      throw new Refused('duplicate-column', `Column ${field.name}: the Glue catalog knows no case, and has it twice.`, {
        subject: field.name,
        expected: 'column names that differ by more than case',
        advice: 'Rename one of the columns (with column mapping).',
      })
    }
    seen.add(name)
    const comment = commentOf(field)
    return { Name: name, Type: hiveType(field), ...(comment === undefined ? {} : { Comment: comment }) }
  })
}

/** Hive knows no case; the schema in the parameters keeps it. */
function columnName(name: string): string {
  const lower = name.toLowerCase()
  if (lower !== '' && singleLine(lower) === lower && truncateUtf8(lower, LIMITS.columnName) === lower) return lower
  throw new Refused('bad-column-name', `Column ${JSON.stringify(name)}: Glue cannot hold this name.`, {
    subject: name,
    expected: `1 to ${LIMITS.columnName} bytes in one line`,
    advice: 'Rename the column (with column mapping), or turn off the catalog for this table in lake.yml.',
  })
}

function commentOf(field: StructField): string | undefined {
  const comment = field.metadata['comment']
  if (typeof comment !== 'string' || comment === '') return undefined
  return truncateUtf8(singleLine(comment), LIMITS.comment)
}

function glueDescription(description: string): string {
  return truncateUtf8(multiLine(description), LIMITS.description)
}

/** A comment that the last written schema did not hold was put there by somebody, and stays while Delta has none. */
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
    Object.entries(parameters).filter(
      ([key]) => !owned.includes(key) && key !== OWNED && key !== SCHEMA_PARTS && !key.startsWith(`${SCHEMA_PARTS}.`),
    ),
  )
}

function ownedKeys(found: TableInput): string[] {
  const listed = parseJson(found.Parameters?.[OWNED] ?? '[]')
  return Array.isArray(listed) ? listed.filter((key) => typeof key === 'string') : []
}

/** What {@link schemaParameters} wrote; `undefined` where it is not there, or was edited beyond reading. */
export function schemaIn(parameters: Parameters): StructType | undefined {
  const count = Number(parameters[`${SCHEMA_PARTS}.numParts`] ?? 0)
  if (!Number.isInteger(count) || count < 1 || count > Object.keys(parameters).length) return undefined
  const parts = Array.from({ length: count }, (_, i) => parameters[`${SCHEMA_PARTS}.part.${i}`] ?? '')
  return parseSchema(parseJson(parts.join('')))
}

/** `undefined` for what is not JSON: a parameter that somebody edited by hand is no reason to stop. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
