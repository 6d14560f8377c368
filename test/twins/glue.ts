import { Refused } from '../../src/errors.ts'
import type { Column, Found, Glue, TableInput } from '../../src/reactions/catalog/glue.ts'

/** The Glue Data Catalog in memory, as strict as AWS in what the catalog reaction could get wrong. */
export interface GlueTwin extends Glue {
  /** The operations called, in order, by their names in Glue's API. */
  readonly calls: string[]
  /** What another person or tool does to a table: a new version of it. Lower-case names. */
  edit(database: string, table: string, change: (definition: TableInput) => TableInput): void
  drop(database: string, table: string): void
  definition(database: string, table: string): TableInput | undefined
  readonly databases: ReadonlyMap<string, string>
}

interface Stored {
  readonly definition: TableInput
  readonly version: number
}

export function glueTwin(): GlueTwin {
  const databases = new Map<string, string>()
  const tables = new Map<string, Stored>()
  const calls: string[] = []
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
    async find(database, table): Promise<Found> {
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
    },
    definition(database, table) {
      return tables.get(keyOf(database, table))?.definition
    },
  }
}

function keyOf(database: string, table: string): string {
  return `${database.toLowerCase()}.${table.toLowerCase()}`
}

/** Members of TableInput (API reference); another one in the request is an error of the SDK's or of Glue's. */
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
  text('Location', storage?.Location ?? '', 2056, /^/)
  parameters('SerdeInfo.Parameters', storage?.SerdeInfo?.Parameters)
  columns(storage?.Columns ?? [])
  columns(keys)
  const names = [...(storage?.Columns ?? []), ...keys].map((column) => column.Name.toLowerCase())
  if (new Set(names).size < names.length) throw invalid('a column is named twice')
  if (keys.some((key) => Object.keys(key.Parameters ?? {}).length > 0)) {
    throw invalid('Parameters not supported for partition columns')
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

/** The patterns of Glue's service model, without the surrogates: those are `isWellFormed`'s. */
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
