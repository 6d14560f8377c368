/**
 * The type that holds the values of two types: a join-semilattice with `void` (only nulls) at the bottom and `string` at the
 * top. Joining in any order, grouping or repetition gives the same type, except for the order and case of struct fields. So
 * it does not matter which file is read first.
 */
import type { FileFormat } from '../../lake/lake.ts'
import type { DataType, StructField } from '../../tables/schema.ts'

const INTEGERS = ['byte', 'short', 'integer', 'long']
/** Most decimal digits of each integer type. */
const DIGITS = [3, 5, 10, 19]
/** The largest precision of a decimal in Hive, Spark and Athena. */
const MAX_PRECISION = 38

interface Decimal {
  /** Digits before the point. */
  readonly whole: number
  readonly scale: number
}

/** The narrowest type that holds the values of both. */
export function join(a: DataType, b: DataType): DataType {
  if (typeof a === 'string' && typeof b === 'string') return joinPrimitives(a, b)
  if (a === 'void') return b
  if (b === 'void') return a
  if (typeof a === 'string' || typeof b === 'string') return 'string'
  if (a.type === 'struct' && b.type === 'struct') return { type: 'struct', fields: joinFields(a.fields, b.fields) }
  if (a.type === 'array' && b.type === 'array') {
    return { type: 'array', elementType: join(a.elementType, b.elementType), containsNull: true }
  }
  if (a.type === 'map' && b.type === 'map') {
    const [keyType, valueType] = [join(a.keyType, b.keyType), join(a.valueType, b.valueType)]
    return { type: 'map', keyType, valueType, valueContainsNull: true }
  }
  return 'string'
}

/** The fields of `a` in their order, then those that only `b` has. Names are compared without case. */
export function joinFields(a: readonly StructField[], b: readonly StructField[]): StructField[] {
  const joined = new Map<string, StructField>()
  for (const field of [...a, ...b]) {
    const key = field.name.toLowerCase()
    const other = joined.get(key)
    joined.set(key, other === undefined ? field : { ...other, type: join(other.type, field.type) })
  }
  return [...joined.values()]
}

/** A nullable field: in files any value may be missing. */
export function field(name: string, type: DataType): StructField {
  return { name, type, nullable: true, metadata: {} }
}

function joinPrimitives(a: string, b: string): string {
  if (a === b || b === 'void') return a
  if (a === 'void') return b
  const both = [a, b]
  if (both.every((type) => type.startsWith('timestamp'))) return 'timestamp'
  const decimals = both.map(asDecimal)
  const floats = both.filter((type) => type === 'float' || type === 'double')
  if (floats.length === 2) return 'double'
  const [one, other] = decimals
  if (floats.length === 1) {
    const rest = both.find((type) => type !== 'float' && type !== 'double') ?? ''
    if (one === undefined && other === undefined) return 'string'
    return floats[0] === 'float' && (rest === 'byte' || rest === 'short') ? 'float' : 'double'
  }
  const ranks = both.map((type) => INTEGERS.indexOf(type))
  if (ranks.every((rank) => rank >= 0)) return INTEGERS[Math.max(...ranks)] ?? 'long'
  return one === undefined || other === undefined ? 'string' : spellDecimal(one, other)
}

function spellDecimal(a: Decimal, b: Decimal): string {
  const [whole, scale] = [Math.max(a.whole, b.whole), Math.max(a.scale, b.scale)]
  return whole + scale > MAX_PRECISION ? 'double' : `decimal(${whole + scale},${scale})`
}

/** The decimal that holds the values of an integer or decimal type; `undefined` for any other type. */
function asDecimal(type: string): Decimal | undefined {
  const rank = INTEGERS.indexOf(type)
  if (rank >= 0) return { whole: DIGITS[rank] ?? 19, scale: 0 }
  const [, precision, scale = '0'] = /^decimal\((\d+),(\d+)\)$/.exec(type) ?? []
  return precision === undefined ? undefined : { whole: Number(precision) - Number(scale), scale: Number(scale) }
}

/**
 * Whether engines can read a file's column of type `from` as a table's column of type `to`. Text formats allow any type; typed
 * formats allow what their readers promote (Athena user guide, "Handling schema updates"; Avro specification, "Schema
 * Resolution").
 */
export function isReadable(format: FileFormat, from: DataType, to: DataType): boolean {
  if (format === 'json' || format === 'csv' || from === 'void') return true
  if (typeof from === 'string' || typeof to === 'string') {
    return typeof from === 'string' && typeof to === 'string' && promotes(format, from, to)
  }
  if (from.type === 'struct' && to.type === 'struct') {
    const there = new Map(to.fields.map((each) => [each.name.toLowerCase(), each.type]))
    return from.fields.every((each) => isReadable(format, each.type, there.get(each.name.toLowerCase()) ?? each.type))
  }
  if (from.type === 'array' && to.type === 'array') return isReadable(format, from.elementType, to.elementType)
  if (from.type === 'map' && to.type === 'map') {
    return isReadable(format, from.keyType, to.keyType) && isReadable(format, from.valueType, to.valueType)
  }
  return false
}

function promotes(format: 'parquet' | 'avro', from: string, to: string): boolean {
  if (from === to) return true
  const [rankFrom, rankTo] = [INTEGERS.indexOf(from), INTEGERS.indexOf(to)]
  if (rankFrom >= 0 && rankTo >= 0) return rankFrom <= rankTo
  if (from.startsWith('timestamp') && to.startsWith('timestamp')) return true
  if (from === 'float' && to === 'double') return true
  if (from === 'binary' && to === 'string') return true
  if (format === 'avro') return rankFrom >= 0 && (to === 'float' || to === 'double')
  const [one, other] = [from, to].map((type) => (type.startsWith('decimal') ? asDecimal(type) : undefined))
  return one !== undefined && other !== undefined && one.scale === other.scale && one.whole <= other.whole
}
