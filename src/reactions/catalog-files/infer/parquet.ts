import { Refused } from '../../../core/refused.ts'
import { readSchemaOf } from '../../../tables/parquet/footer.ts'
import type { SchemaNode } from '../../../tables/parquet/schema.ts'
import type { RandomAccess } from '../../../tables/store.ts'
import type { DataType } from '../../../tables/schema.ts'
import { decimalType, field, joinFields } from '../lattice.ts'
import { type FileSchema, reasonOf, unreadable } from './schema.ts'

/**
 * The columns of a Parquet file, from its footer alone (parquet-format, "LogicalTypes").
 *
 * @throws {Refused} `files-unreadable`: not a Parquet file, or a truncated one.
 */
export async function inferParquet(file: RandomAccess): Promise<FileSchema> {
  try {
    return columnsOf(await readSchemaOf(watched(file)))
  } catch (error) {
    // An error of the store may be temporary; an error of the footer's reader is a fault of the file.
    if (error instanceof ReadFailed) throw error.cause
    if (error instanceof Refused) throw error
    throw unreadable(`not a valid Parquet file: ${reasonOf(error)}`, error)
  }
}

function columnsOf(schema: SchemaNode): FileSchema {
  const fields = schema.children.map((child) => field(child.name, typeOf(child)))
  if (joinFields([], fields).length < fields.length) throw unreadable('two columns differ only in case')
  if (fields.length === 0) throw unreadable('the file has no columns')
  return { fields }
}

class ReadFailed extends Error {}

function watched(file: RandomAccess): RandomAccess {
  return {
    byteLength: file.byteLength,
    async slice(start, end = file.byteLength) {
      try {
        return await file.slice(start, end)
      } catch (cause) {
        throw new ReadFailed('read', { cause })
      }
    },
  }
}

function typeOf(node: SchemaNode): DataType {
  // A repeated field outside a list or map is a list of its own ("Backward-compatibility rules").
  if (node.repetition === 'REPEATED') return { type: 'array', elementType: plainType(node), containsNull: false }
  return plainType(node)
}

function plainType(node: SchemaNode): DataType {
  const { children } = node
  const kind = node.logical?.kind ?? node.converted
  const [inner] = children
  if (inner === undefined) return leafType(node)
  if (kind === 'LIST' && children.length === 1) return listType(node, inner)
  if ((kind === 'MAP' || kind === 'MAP_KEY_VALUE') && children.length === 1 && inner.children.length === 2) {
    const [key, value] = inner.children.map(typeOf)
    return { type: 'map', keyType: key ?? 'string', valueType: value ?? 'string', valueContainsNull: true }
  }
  return {
    type: 'struct',
    fields: joinFields(
      [],
      children.map((child) => field(child.name, typeOf(child))),
    ),
  }
}

/** In files of old writers, which left out one level, the group in a list is the element ("Backward-compatibility rules"). */
function listType(list: SchemaNode, repeated: SchemaNode): DataType {
  const { name } = repeated
  const isElement = repeated.children.length !== 1 || name === 'array' || name === `${list.name}_tuple`
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

/** Times of day, intervals, UUIDs, half floats and decimals of more than 38 digits have no type in Hive, so their physical type is shown. */
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

function leafType({ type = 'BYTE_ARRAY', logical, converted, precision, scale }: SchemaNode): string {
  if (logical?.kind === 'TIMESTAMP') return logical.isAdjustedToUTC === true ? 'timestamp' : 'timestamp_ntz'
  if (logical?.kind === 'INTEGER')
    return CONVERTED[`${logical.isSigned === true ? '' : 'U'}INT_${logical.bitWidth}`] ?? 'long'
  const { precision: digits = precision, scale: behind = scale } = logical?.kind === 'DECIMAL' ? logical : {}
  const decimal = logical?.kind === 'DECIMAL' || converted === 'DECIMAL' ? decimalType(digits, behind) : undefined
  return decimal ?? LOGICAL[logical?.kind ?? ''] ?? CONVERTED[converted ?? ''] ?? PHYSICAL[type] ?? 'binary'
}
