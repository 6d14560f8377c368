/**
 * The actions of a log, as other engines write them, are checked here: behind this file every field has its type. A missing
 * field that the protocol requires is refused by name; unknown fields are ignored (Delta protocol, "Protocol Evolution").
 */
import { JsonLimit, parseJson } from '../../core/json.ts'
import type { Protocol, TableMetadata } from '../change.ts'
import type { DataType, StructField, StructType } from '../schema.ts'
import type { VectorDescriptor } from './paths.ts'

export type Json = Readonly<Record<string, unknown>>

/** An action that breaks the protocol. The reader of the file adds the place, and refuses. */
export class BrokenAction extends Error {
  override readonly name = 'BrokenAction'
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function parseProtocol(value: unknown): Protocol {
  if (!isObject(value)) throw new BrokenAction(`protocol: expected an object, found ${describe(value)}`)
  const minReaderVersion = integer(value['minReaderVersion'], 'protocol.minReaderVersion')
  const minWriterVersion = integer(value['minWriterVersion'], 'protocol.minWriterVersion')
  if (minReaderVersion < 1)
    throw new BrokenAction(`protocol.minReaderVersion: expected at least 1, found ${minReaderVersion}`)
  const listed = value['readerFeatures']
  if (minReaderVersion === 3 && (listed === undefined || listed === null))
    throw new BrokenAction('protocol.readerFeatures: expected a list, as minReaderVersion is 3, found none')
  return {
    minReaderVersion,
    minWriterVersion,
    readerFeatures: strings(listed, 'protocol.readerFeatures'),
    writerFeatures: strings(value['writerFeatures'], 'protocol.writerFeatures'),
  }
}

/** @param orEmpty a metadata action without a schema is one without columns; otherwise it is refused */
export function parseMetadata(value: unknown, orEmpty = false): TableMetadata {
  if (!isObject(value)) throw new BrokenAction(`metaData: expected an object, found ${describe(value)}`)
  const { name, description, schemaString } = value
  return {
    id: text(value['id'], 'metaData.id'),
    name: typeof name === 'string' ? name : undefined,
    description: typeof description === 'string' ? description : undefined,
    schema:
      orEmpty && (schemaString === undefined || schemaString === null)
        ? NO_COLUMNS
        : parseSchema(text(schemaString, 'metaData.schemaString')),
    partitionColumns: strings(value['partitionColumns'], 'metaData.partitionColumns'),
    properties: textMap(value['configuration'], 'metaData.configuration'),
  }
}

const NO_COLUMNS: StructType = { type: 'struct', fields: [] }

function parseSchema(schemaString: string): StructType {
  let schema: unknown
  try {
    schema = parseJson(schemaString)
  } catch (cause) {
    const found = cause instanceof JsonLimit ? `: ${cause.message}` : ''
    throw new BrokenAction(`metaData.schemaString: expected JSON${found}`, { cause })
  }
  if (!isObject(schema) || schema['type'] !== 'struct' || !Array.isArray(schema['fields']))
    throw new BrokenAction(`metaData.schemaString: expected a struct, found ${describe(schema)}`)
  return parseType(schema) as StructType
}

/** A type that the protocol does not have is left as its name. */
function parseType(type: unknown): DataType {
  if (typeof type === 'string') return type
  if (!isObject(type)) throw new BrokenAction(`metaData.schemaString: expected a type, found ${describe(type)}`)
  switch (type['type']) {
    case 'struct':
      return { ...type, type: 'struct', fields: parseFields(type['fields']) }
    case 'array':
      return {
        ...type,
        type: 'array',
        elementType: parseType(type['elementType']),
        containsNull: orTrue(type['containsNull'], 'containsNull'),
      }
    case 'map':
      return {
        ...type,
        type: 'map',
        keyType: parseType(type['keyType']),
        valueType: parseType(type['valueType']),
        valueContainsNull: orTrue(type['valueContainsNull'], 'valueContainsNull'),
      }
    // Spark's user-defined types, such as the vectors of its ML library, are stored as their SQL type.
    case 'udt':
      return parseType(type['sqlType'])
    default:
      return parseType(type['type'])
  }
}

function parseFields(fields: unknown): StructField[] {
  if (!Array.isArray(fields))
    throw new BrokenAction(`metaData.schemaString: expected a list of fields, found ${describe(fields)}`)
  return fields.map((field: unknown) => {
    if (!isObject(field) || typeof field['name'] !== 'string' || field['type'] === undefined)
      throw new BrokenAction(`metaData.schemaString: expected fields with a name and a type, found ${describe(field)}`)
    const { name, metadata } = field
    if (metadata !== undefined && metadata !== null && !isObject(metadata))
      throw new BrokenAction(`metaData.schemaString: expected metadata as an object, found ${describe(metadata)}`)
    return {
      ...field,
      name,
      type: parseType(field['type']),
      nullable: orTrue(field['nullable'], 'nullable'),
      metadata: metadata ?? {},
    }
  })
}

/** Spark reads fields without metadata too. A writer that does not say whether there are nulls may write some. */
function orTrue(value: unknown, name: string): boolean {
  if (value === undefined || value === null) return true
  if (typeof value === 'boolean') return value
  throw new BrokenAction(`metaData.schemaString: expected ${name} as true or false, found ${describe(value)}`)
}

/** A checked `add` or `remove`. The path is still percent-encoded. */
export interface FileAction {
  readonly kind: 'add' | 'remove'
  readonly path: string
  /** Bytes; 0 for a `remove`. */
  readonly size: number
  /** By the log's keys: physical names where column mapping is on. */
  readonly partitionValues: Readonly<Record<string, string | null>>
  /** `numRecords` of the statistics. */
  readonly rows: number | null
  readonly dataChange: boolean
  readonly vector: VectorDescriptor | undefined
}

export function parseFileAction(kind: 'add' | 'remove', value: unknown): FileAction {
  if (!isObject(value)) throw new BrokenAction(`${kind}: expected an object, found ${describe(value)}`)
  const path = text(value['path'], `${kind}.path`)
  const dataChange = value['dataChange'] !== false
  const vector = parseVector(value['deletionVector'], kind)
  if (kind === 'remove') return { kind, path, size: 0, partitionValues: {}, rows: null, dataChange, vector }
  return {
    kind,
    path,
    dataChange,
    vector,
    size: integer(value['size'], 'add.size'),
    partitionValues: partitionValues(value['partitionValues']),
    rows: rowsOf(value['stats']) ?? rowsOfParsed(value['stats_parsed']),
  }
}

function parseVector(value: unknown, kind: string): VectorDescriptor | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw new BrokenAction(`${kind}.deletionVector: expected an object, found ${describe(value)}`)
  const at = `${kind}.deletionVector`
  const offset = value['offset']
  return {
    storageType: text(value['storageType'], `${at}.storageType`),
    pathOrInlineDv: text(value['pathOrInlineDv'], `${at}.pathOrInlineDv`),
    offset: offset === undefined || offset === null ? null : integer(offset, `${at}.offset`),
    cardinality: kind === 'add' ? integer(value['cardinality'], `${at}.cardinality`) : 0,
  }
}

/** `numRecords` of an add's `stats`; `null` where it is missing, or the statistics are not JSON. */
export function rowsOf(stats: unknown): number | null {
  if (typeof stats !== 'string' || stats === '') return null
  try {
    return rowsOfParsed(parseJson(stats))
  } catch {
    return null
  }
}

function rowsOfParsed(stats: unknown): number | null {
  const rows = isObject(stats) ? stats['numRecords'] : undefined
  return typeof rows === 'number' && Number.isSafeInteger(rows) && rows >= 0 ? rows : null
}

/** Many more than any table has. */
export const MOST_PARTITION_COLUMNS = 1_000

/** By the log's keys. An empty string is null, for any type ("Partition Value Serialization"). */
export function partitionValues(value: unknown): Record<string, string | null> {
  if (value === undefined || value === null) return {}
  if (!isObject(value)) throw new BrokenAction(`add.partitionValues: expected an object, found ${describe(value)}`)
  const entries = Object.entries(value)
  if (entries.length > MOST_PARTITION_COLUMNS)
    throw new BrokenAction(`add.partitionValues: expected at most ${MOST_PARTITION_COLUMNS}, found ${entries.length}`)
  return Object.fromEntries(entries.map(([name, found]) => [name, partitionValue(name, found)]))
}

function partitionValue(name: string, found: unknown): string | null {
  if (found === null || found === '') return null
  if (typeof found === 'string') return found
  throw new BrokenAction(`add.partitionValues.${name}: expected a string, found ${describe(found)}`)
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  throw new BrokenAction(`${name}: expected a string, found ${describe(value)}`)
}

function integer(value: unknown, name: string): number {
  const number = typeof value === 'bigint' ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw new BrokenAction(`${name}: expected a whole number, found ${describe(value)}`)
}

function strings(value: unknown, name: string): string[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
  throw new BrokenAction(`${name}: expected a list of strings, found ${describe(value)}`)
}

/** Delta has some hundred properties; users add some. */
export const MOST_PROPERTIES = 10_000

function textMap(value: unknown, name: string): Record<string, string> {
  if (value === undefined || value === null) return {}
  if (!isObject(value)) throw new BrokenAction(`${name}: expected an object, found ${describe(value)}`)
  const map: Record<string, string> = {}
  const entries = Object.entries(value)
  if (entries.length > MOST_PROPERTIES)
    throw new BrokenAction(`${name}: expected at most ${MOST_PROPERTIES} entries, found ${entries.length}`)
  for (const [key, one] of entries) {
    if (typeof one === 'string') map[key] = one
    else if (typeof one === 'number' || typeof one === 'boolean') map[key] = String(one)
    else if (one !== null) throw new BrokenAction(`${name}.${key}: expected a string, found ${describe(one)}`)
  }
  return map
}

/** A value as JSON, short enough for a message. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  const json = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? typeof value)
  return json.length > 60 ? `${json.slice(0, 57)}...` : json
}
