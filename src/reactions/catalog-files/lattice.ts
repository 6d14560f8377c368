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

/** `undefined` if no engine has such a decimal. One column of it would make a whole table unreadable. */
export function decimalType(precision: unknown, scale: unknown = 0): string | undefined {
  const [digits, behind] = [precision, scale].map((each) => (Number.isInteger(each) ? Number(each) : -1)) as [
    number,
    number,
  ]
  const isValid = digits >= 1 && digits <= MAX_PRECISION && behind >= 0 && behind <= digits
  return isValid ? `decimal(${digits},${behind})` : undefined
}

interface Decimal {
  /** Digits before the point. */
  readonly whole: number
  readonly scale: number
}

/** The narrowest type that holds the values of both. */
export function join(a: DataType, b: DataType): DataType {
  return joinAll([a, b])
}

/** The narrowest type that holds the values of all. */
export function joinAll(types: Iterable<DataType>): DataType {
  const joined = new Join()
  for (const type of types) joined.add(type)
  return joined.type()
}

/** The fields of `a` in their order, then those that only `b` has. Names are compared without case. */
export function joinFields(a: readonly StructField[], b: readonly StructField[]): StructField[] {
  const joined: Parts = new Map()
  for (const field of a) addPart(joined, field)
  for (const field of b) addPart(joined, field)
  return fieldsOf(joined)
}

/** The fields of a struct by their names in lower case, the element of an array, or the key and the value of a map. */
type Parts = Map<string, { readonly field: StructField; readonly join: Join }>

/** Joins many types. Each costs the time of its own size, not that of all types before it: a file has as many as it wants. */
export class Join {
  /** The types so far, without what is in the parts. */
  #type: DataType = 'void'
  /** Only once a second type of the same kind is joined. */
  #parts: Parts | undefined

  add(type: DataType): void {
    const before = this.#type
    if (before === 'void') this.#type = type
    else if (type === 'void') return
    else if (typeof before === 'string' && typeof type === 'string') this.#type = joinPrimitives(before, type)
    else if (typeof before === 'string' || typeof type === 'string' || before.type !== type.type) {
      this.#type = 'string'
      this.#parts = undefined
    } else {
      this.#parts ??= partsOf(before).reduce(addPart, new Map())
      partsOf(type).reduce(addPart, this.#parts)
    }
  }

  /** How many fields the struct has. */
  get width(): number {
    return this.#parts?.size ?? partsOf(this.#type).length
  }

  type(): DataType {
    const type = this.#type
    const parts = this.#parts
    if (typeof type === 'string' || parts === undefined) return type
    const of = (name: string): DataType => parts.get(name)?.join.type() ?? 'void'
    switch (type.type) {
      case 'struct':
        return { type: 'struct', fields: fieldsOf(parts) }
      case 'array':
        return { type: 'array', elementType: of('element'), containsNull: true }
      case 'map':
        return { type: 'map', keyType: of('key'), valueType: of('value'), valueContainsNull: true }
    }
  }
}

function partsOf(type: DataType): readonly StructField[] {
  if (typeof type === 'string') return []
  switch (type.type) {
    case 'struct':
      return type.fields
    case 'array':
      return [field('element', type.elementType)]
    case 'map':
      return [field('key', type.keyType), field('value', type.valueType)]
  }
}

function addPart(parts: Parts, field: StructField): Parts {
  const key = field.name.toLowerCase()
  const part = parts.get(key) ?? { field, join: new Join() }
  part.join.add(field.type)
  return parts.set(key, part)
}

function fieldsOf(parts: Parts): StructField[] {
  return Array.from(parts.values(), ({ field, join: joined }) => ({ ...field, type: joined.type() }))
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
