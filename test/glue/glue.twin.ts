import { Refused } from '../../src/core/refused.ts'
import {
  type Column,
  DELETED_A_CALL,
  type GlueLookup,
  type FoundPartition,
  type Glue,
  type PartitionInput,
  PARTITIONS_A_CALL,
  type TableInput,
} from '../../src/glue/ports.ts'

/** The Glue Data Catalog in memory, as strict as AWS about everything that the catalog reactions send. */
export interface GlueTwin extends Glue {
  /** The operations that were called, in order, by their names in Glue's API. */
  readonly calls: string[]
  /** An edit by another person or tool, which makes a new version. Names in lower case. */
  edit(database: string, table: string, change: (definition: TableInput) => TableInput): void
  drop(database: string, table: string): void
  definition(database: string, table: string): TableInput | undefined
  readonly databases: ReadonlyMap<string, string>
  /** A table's partitions by their values as JSON; tests may change them as another person would. */
  partitionsOf(database: string, table: string): Map<string, PartitionInput>
}

interface Stored {
  readonly definition: TableInput
  readonly version: number
}

export function glueTwin(): GlueTwin {
  const databases = new Map<string, string>()
  const tables = new Map<string, Stored>()
  const calls: string[] = []
  const partitions = new Map<string, Map<string, PartitionInput>>()
  const partitionsOf = (database: string, table: string): Map<string, PartitionInput> => {
    const key = keyOf(database, table)
    const known = partitions.get(key) ?? new Map<string, PartitionInput>()
    partitions.set(key, known)
    return known
  }
  const write = (database: string, definition: TableInput, version: number): void => {
    // Stored as it would come back over the wire: names folded, nothing undefined, no object shared with the caller.
    const stored: TableInput = structuredClone({ ...definition, Name: definition.Name.toLowerCase() })
    tables.set(keyOf(database, definition.Name), {
      definition: JSON.parse(JSON.stringify(stored)) as TableInput,
      version,
    })
  }

  return {
    calls,
    databases,
    async find(database, table): Promise<GlueLookup> {
      calls.push('GetTable')
      const stored = tables.get(keyOf(database, table))
      if (stored) {
        return { kind: 'table', versionId: `${stored.version}`, definition: structuredClone(stored.definition) }
      }
      calls.push('GetDatabase')
      return { kind: databases.has(database.toLowerCase()) ? 'no-table' : 'no-database' }
    },
    async createDatabase(name, description) {
      calls.push('CreateDatabase')
      line('DatabaseInput.Name', name, 255)
      if (databases.has(name.toLowerCase())) return 'exists'
      databases.set(name.toLowerCase(), description)
      return 'created'
    },
    async createTable(database, definition) {
      calls.push('CreateTable')
      validate(definition)
      const isThere = tables.has(keyOf(database, definition.Name))
      if (isThere || !databases.has(database.toLowerCase())) return 'conflict'
      write(database, definition, 0)
      return 'created'
    },
    async updateTable(database, definition, versionId) {
      calls.push('UpdateTable')
      validate(definition)
      const stored = tables.get(keyOf(database, definition.Name))
      if (stored === undefined || `${stored.version}` !== versionId) return 'conflict'
      write(database, definition, stored.version + 1)
      return 'updated'
    },
    edit(database, table, change) {
      const stored = tables.get(keyOf(database, table))
      if (stored === undefined) throw new Error(`no table ${database}.${table}`)
      write(database, change(structuredClone(stored.definition)), stored.version + 1)
    },
    drop(database, table) {
      tables.delete(keyOf(database, table))
      partitions.delete(keyOf(database, table))
    },
    async createPartitions(database, table, inputs) {
      calls.push('BatchCreatePartition')
      const keys = tables.get(keyOf(database, table))?.definition.PartitionKeys
      validatePartitions(inputs, keys)
      if (keys === undefined && !tables.has(keyOf(database, table))) return 'conflict'
      const there = partitionsOf(database, table)
      for (const each of inputs) {
        const key = JSON.stringify(each.Values)
        if (!there.has(key)) there.set(key, structuredClone(each))
      }
      return 'done'
    },
    async updatePartitions(database, table, inputs) {
      calls.push('BatchUpdatePartition')
      validatePartitions(inputs, tables.get(keyOf(database, table))?.definition.PartitionKeys)
      if (!tables.has(keyOf(database, table))) return 'conflict'
      const there = partitionsOf(database, table)
      const known = inputs.filter((each) => there.has(JSON.stringify(each.Values)))
      for (const each of known) there.set(JSON.stringify(each.Values), structuredClone(each))
      return known.length === inputs.length ? 'done' : 'conflict'
    },
    async deletePartitions(database, table, values) {
      calls.push('BatchDeletePartition')
      if (values.length > DELETED_A_CALL || values.length === 0) throw invalid(`${values.length} partitions in a call`)
      if (!tables.has(keyOf(database, table))) return 'conflict'
      for (const each of values) partitionsOf(database, table).delete(JSON.stringify(each))
      return 'done'
    },
    async *partitions(database, table): AsyncGenerator<FoundPartition> {
      const all = [...partitionsOf(database, table).values()]
      for (let from = 0; from === 0 || from < all.length; from += 1000) {
        calls.push('GetPartitions')
        for (const { Values, StorageDescriptor: storage, Parameters: parameters } of all.slice(from, from + 1000))
          yield { values: Values, location: storage.Location ?? '', parameters: { ...parameters } }
      }
    },
    partitionsOf,
    definition(database, table) {
      return tables.get(keyOf(database, table))?.definition
    },
  }
}

function keyOf(database: string, table: string): string {
  return `${database.toLowerCase()}.${table.toLowerCase()}`
}

/** Members of TableInput (API reference); any other one in a request is rejected by the SDK or by Glue. */
const MEMBERS =
  'Name Description Owner LastAccessTime LastAnalyzedTime Retention StorageDescriptor PartitionKeys ViewOriginalText ViewExpandedText TableType Parameters TargetTable'.split(
    ' ',
  )

function validate(definition: TableInput): void {
  const strange = Object.keys(definition).find((member) => !MEMBERS.includes(member))
  if (strange !== undefined) throw invalid(`TableInput has no member ${strange}`)
  line('Name', definition.Name, 255)
  text('Description', definition.Description ?? '', 2048, MULTI_LINE)
  parameters('Parameters', definition.Parameters)
  const { StorageDescriptor: storage, PartitionKeys: keys = [] } = definition
  text('Location', storage?.Location ?? '', 2056, MULTI_LINE)
  parameters('SerdeInfo.Parameters', storage?.SerdeInfo?.Parameters)
  columns(storage?.Columns ?? [])
  columns(keys)
  const names = [...(storage?.Columns ?? []), ...keys].map((column) => column.Name.toLowerCase())
  if (new Set(names).size < names.length) throw invalid('a column is named twice')
  if (keys.some((key) => Object.keys(key.Parameters ?? {}).length > 0)) {
    throw invalid('Parameters not supported for partition columns')
  }
}

function validatePartitions(inputs: readonly PartitionInput[], keys: readonly Column[] | undefined): void {
  if (inputs.length > PARTITIONS_A_CALL || inputs.length === 0) throw invalid(`${inputs.length} partitions in a call`)
  for (const { Values, StorageDescriptor: storage, Parameters: more } of inputs) {
    if (keys !== undefined && Values.length !== keys.length) {
      throw invalid('The number of partition keys do not match the number of partition values')
    }
    if (Values.some((value) => value === '' || value.length > 1024))
      throw invalid('a partition value is empty or too long')
    text('Location', storage.Location ?? '', 2056, MULTI_LINE)
    parameters('Parameters', more)
    parameters('SerdeInfo.Parameters', storage.SerdeInfo?.Parameters)
    columns(storage.Columns ?? [])
  }
}

function columns(all: readonly Column[]): void {
  for (const column of all) {
    line('Column.Name', column.Name, 255)
    text('Column.Type', column.Type ?? '', 131_072, SINGLE_LINE)
    text('Column.Comment', column.Comment ?? '', 255, SINGLE_LINE)
    parameters('Column.Parameters', column.Parameters)
  }
}

function parameters(where: string, all: Readonly<Record<string, string>> = {}): void {
  for (const [key, value] of Object.entries(all)) {
    line(`${where} key`, key, 255)
    if (typeof value !== 'string') throw invalid(`${where} ${key} is not a string`)
    if (value.length > 512_000) throw invalid(`${where} ${key} is longer than 512000`)
  }
}

/** The patterns of Glue's service model, without surrogates, which `isWellFormed` checks. */
const SINGLE_LINE = /^[\t\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u
const MULTI_LINE = /^[\t\r\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u

function line(what: string, value: string, bytes: number): void {
  if (value === '') throw invalid(`${what} is empty`)
  text(what, value, bytes, SINGLE_LINE)
}

function text(what: string, value: string, bytes: number, pattern: RegExp): void {
  if (new TextEncoder().encode(value).length > bytes) {
    throw invalid(`${what} is longer than ${bytes}`)
  }
  if (!pattern.test(value) || !value.isWellFormed()) throw invalid(`${what} has characters that Glue does not take`)
}

function invalid(message: string): Refused {
  return new Refused('invalid-in-glue', `InvalidInputException: ${message}`)
}
