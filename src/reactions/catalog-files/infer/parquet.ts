import type { SchemaElement, SchemaTree } from 'hyparquet'
import { parquetMetadataAsync, parquetSchema } from 'hyparquet/src/metadata.js'
import { Refused } from '../../../core/refused.ts'
import type { RandomAccess } from '../../../tables/store.ts'
import type { DataType } from '../../../tables/schema.ts'
import { field, joinFields } from '../lattice.ts'
import { type FileSchema, reasonOf, unreadable } from './schema.ts'

/** Bytes. Footers of some thousand columns and row groups take a few MB. */
const LARGEST_FOOTER = 32 * 1024 * 1024
const FIRST_FETCH = 1 << 16

/**
 * The columns of a Parquet file, from its footer alone (parquet-format, "LogicalTypes").
 *
 * @throws {Refused} `files-unreadable`: not a Parquet file, or a truncated one.
 */
export async function inferParquet(file: RandomAccess): Promise<FileSchema> {
  try {
    const metadata = await parquetMetadataAsync(bounded(file), { geoparquet: false, initialFetchSize: FIRST_FETCH })
    const fields = parquetSchema(metadata).children.map((child) => field(child.element.name, typeOf(child)))
    if (joinFields([], fields).length < fields.length) throw unreadable('two columns differ only in case')
    if (fields.length === 0) throw unreadable('the file has no columns')
    return { fields }
  } catch (error) {
    // An error of the store may be temporary; an error of the footer's reader is a fault of the file.
    if (error instanceof Refused || error instanceof ReadFailed) throw error instanceof ReadFailed ? error.cause : error
    throw unreadable(`not a valid Parquet file: ${reasonOf(error)}`, error)
  }
}

class ReadFailed extends Error {}

function bounded(file: RandomAccess): RandomAccess {
  return {
    byteLength: file.byteLength,
    async slice(start, end = file.byteLength) {
      if (end - start > LARGEST_FOOTER) throw new Error(`the footer claims ${end - start} bytes`)
      try {
        return await file.slice(start, end)
      } catch (cause) {
        throw new ReadFailed('read', { cause })
      }
    },
  }
}

function typeOf(node: SchemaTree): DataType {
  const { element } = node
  // A repeated field outside a list or map is a list of its own ("Backward-compatibility rules").
  if (element.repetition_type === 'REPEATED') {
    return { type: 'array', elementType: plainType(node), containsNull: false }
  }
  return plainType(node)
}

function plainType(node: SchemaTree): DataType {
  const { element, children } = node
  const kind = element.logical_type?.type ?? element.converted_type
  const [inner] = children
  if (inner === undefined) return leafType(element)
  if (kind === 'LIST' && children.length === 1) return listType(node, inner)
  if ((kind === 'MAP' || kind === 'MAP_KEY_VALUE') && children.length === 1 && inner.children.length === 2) {
    const [key, value] = inner.children.map(typeOf)
    return { type: 'map', keyType: key ?? 'string', valueType: value ?? 'string', valueContainsNull: true }
  }
  return {
    type: 'struct',
    fields: joinFields(
      [],
      children.map((child) => field(child.element.name, typeOf(child))),
    ),
  }
}

/** In files of old writers, which left out one level, the group in a list is the element ("Backward-compatibility rules"). */
function listType(list: SchemaTree, repeated: SchemaTree): DataType {
  const { name } = repeated.element
  const isElement = repeated.children.length !== 1 || name === 'array' || name === `${list.element.name}_tuple`
  const element = isElement ? plainType(repeated) : typeOf(repeated.children[0] ?? repeated)
  return { type: 'array', elementType: element, containsNull: true }
}

const CONVERTED: Readonly<Record<string, string>> = {
  UTF8: 'string',
  ENUM: 'string',
  JSON: 'string',
  BSON: 'binary',
  DATE: 'date',
  TIMESTAMP_MILLIS: 'timestamp',
  TIMESTAMP_MICROS: 'timestamp',
  UINT_8: 'short',
  UINT_16: 'integer',
  UINT_32: 'long',
  UINT_64: 'decimal(20,0)',
  INT_8: 'byte',
  INT_16: 'short',
  INT_32: 'integer',
  INT_64: 'long',
}

const LOGICAL: Readonly<Record<string, string>> = {
  STRING: 'string',
  ENUM: 'string',
  JSON: 'string',
  DATE: 'date',
  NULL: 'void',
}

/** Times of day, intervals, UUIDs and half floats have no type in Hive, so their physical type is shown. */
const PHYSICAL: Readonly<Record<string, string>> = {
  BOOLEAN: 'boolean',
  INT32: 'integer',
  INT64: 'long',
  // Only timestamps were ever written as INT96.
  INT96: 'timestamp',
  FLOAT: 'float',
  DOUBLE: 'double',
  BYTE_ARRAY: 'binary',
  FIXED_LEN_BYTE_ARRAY: 'binary',
}

function leafType({
  type = 'BYTE_ARRAY',
  logical_type: logical,
  converted_type: converted,
  precision,
  scale,
}: SchemaElement): string {
  if (logical?.type === 'DECIMAL') return `decimal(${logical.precision},${logical.scale ?? 0})`
  if (logical?.type === 'TIMESTAMP') return logical.isAdjustedToUTC ? 'timestamp' : 'timestamp_ntz'
  if (logical?.type === 'INTEGER') return CONVERTED[`${logical.isSigned ? '' : 'U'}INT_${logical.bitWidth}`] ?? 'long'
  if (converted === 'DECIMAL' && precision !== undefined) return `decimal(${precision},${scale ?? 0})`
  return LOGICAL[logical?.type ?? ''] ?? CONVERTED[converted ?? ''] ?? PHYSICAL[type] ?? 'binary'
}
