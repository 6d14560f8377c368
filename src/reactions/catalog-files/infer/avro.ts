import * as z from 'zod/mini'
import { parseJson } from '../../../core/json.ts'
import { reasonOf as schemaReason } from '../../../core/schema-error.ts'
import type { DataType } from '../../../tables/schema.ts'
import { decimalType, field, joinAll, joinFields } from '../lattice.ts'
import { type FileSchema, reasonOf, unreadable } from './schema.ts'

const MAGIC = [0x4f, 0x62, 0x6a, 0x01]
/** Values in the JSON of a schema: 60,000 columns have 200,000. */
const MOST_VALUES = 250_000
/** Types in a union; genuine ones have a few. */
const MOST_BRANCHES = 500

/** The header is longer than the bytes that were read. */
export class HeaderIncomplete extends Error {}

/**
 * The columns of an Avro file, from the header of its container (Avro specification, "Object Container Files").
 *
 * @throws {HeaderIncomplete} when `head` ends before the header does
 * @throws {Refused} `files-unreadable`: not an Avro container, or its schema is not a record.
 */
export function inferAvro(head: Uint8Array): FileSchema {
  if (MAGIC.some((byte, at) => head[at] !== byte)) throw unreadable('not an Avro file: it does not begin with Obj')
  const text = metadataOf(head).get('avro.schema')
  if (text === undefined) throw unreadable("the header has no 'avro.schema'")
  const schema = recordSchema.safeParse(parse(text))
  if (!schema.success) throw unreadable(`the schema is not a record: ${schemaReason(schema.error)}`)
  const type = new Types().of(schema.data)
  if (typeof type === 'string' || type.type !== 'struct') throw unreadable('the schema is not a record')
  if (type.fields.length < schema.data.fields.length) throw unreadable('two columns differ only in case')
  return { fields: type.fields, avro: JSON.stringify(tolerant(schema.data)) }
}

function parse(text: string): unknown {
  try {
    return parseJson(text, { values: MOST_VALUES })
  } catch (error) {
    throw unreadable(`the schema is not JSON: ${reasonOf(error)}`, error)
  }
}

/** The header's map: blocks of a count and pairs, ended by a 0. A negative count is followed by the block's size. */
function metadataOf(head: Uint8Array): Map<string, string> {
  const reader = new Reader(head, MAGIC.length)
  const metadata = new Map<string, string>()
  for (let count = reader.long(); count !== 0; count = reader.long()) {
    if (count < 0) reader.long()
    for (let n = Math.abs(count); n > 0; n--) {
      const key = reader.text()
      metadata.set(key, reader.text())
    }
  }
  return metadata
}

const utf8 = new TextDecoder()

class Reader {
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  /** Variable-length zig-zag; a number too large for a count or size is refused. */
  long(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new HeaderIncomplete()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) break
      if (scale > 2 ** 35) throw unreadable('the header has an impossible size')
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  text(): string {
    const length = this.long()
    if (length < 0) throw unreadable('the header has a negative size')
    const end = this.#at + length
    if (end > this.#bytes.length) throw new HeaderIncomplete()
    const text = utf8.decode(this.#bytes.subarray(this.#at, end))
    this.#at = end
    return text
  }
}

const named = { name: z.string(), namespace: z.optional(z.string()) }
const fieldSchema = z.looseObject({ name: z.string(), type: z.unknown() })
const recordSchema = z.looseObject({ type: z.enum(['record', 'error']), ...named, fields: z.array(fieldSchema) })
const complexSchema = z.looseObject({ type: z.unknown() })

type RecordSchema = z.infer<typeof recordSchema>

/** Avro's types (specification, "Primitive Types", "Logical Types") as Hive's Avro SerDe shows them. */
const PRIMITIVES: Readonly<Record<string, string>> = {
  null: 'void',
  boolean: 'boolean',
  int: 'integer',
  long: 'long',
  float: 'float',
  double: 'double',
  bytes: 'binary',
  string: 'string',
}

/** Most types in a schema with its names expanded: names that contain others twice can make billions of few bytes. */
const MOST_TYPES = 100_000

interface Named {
  readonly type: DataType
  readonly size: number
}

class Types {
  /** Named types by full name; `undefined` while one is being read. */
  readonly #named = new Map<string, Named | undefined>()
  #size = 0

  of(schema: unknown, space = ''): DataType {
    this.#grow(1)
    if (typeof schema === 'string')
      return (Object.hasOwn(PRIMITIVES, schema) ? PRIMITIVES[schema] : undefined) ?? this.#reference(schema, space)
    if (Array.isArray(schema)) return this.#union(schema, space)
    const complex = complexSchema.safeParse(schema)
    if (!complex.success) throw unreadable('the schema has a type that Avro does not have')
    return this.#complex(complex.data, space)
  }

  #union(branches: readonly unknown[], space: string): DataType {
    if (branches.length > MOST_BRANCHES) throw unreadable(`the schema has a union of ${branches.length} types`)
    return joinAll(branches.map((each) => this.of(each, space)))
  }

  #complex(schema: Readonly<Record<string, unknown>>, space: string): DataType {
    const logical = logicalType(schema)
    switch (schema['type']) {
      case 'record':
      case 'error':
        return this.#record(recordSchema.parse(schema), space)
      case 'enum':
        return this.#define(schema, space, () => 'string')
      case 'fixed':
        return this.#define(schema, space, () => logical ?? 'binary')
      case 'array':
        return { type: 'array', elementType: this.of(schema['items'], space), containsNull: true }
      case 'map':
        return { type: 'map', keyType: 'string', valueType: this.of(schema['values'], space), valueContainsNull: true }
      default:
        return logical ?? this.of(schema['type'], space)
    }
  }

  #record(schema: RecordSchema, space: string): DataType {
    return this.#define(schema, space, (inner) => ({
      type: 'struct',
      fields: joinFields(
        [],
        schema.fields.map(({ name, type }) => field(name, this.of(type, inner))),
      ),
    }))
  }

  #define(schema: Readonly<Record<string, unknown>>, space: string, make: (space: string) => DataType): DataType {
    const name = fullName(String(schema['name']), typeof schema['namespace'] === 'string' ? schema['namespace'] : space)
    this.#named.set(name, undefined)
    const before = this.#size
    const type = make(name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : '')
    this.#named.set(name, { type, size: this.#size - before })
    return type
  }

  #grow(size: number): void {
    this.#size += size
    if (this.#size > MOST_TYPES) throw unreadable(`the schema has more than ${MOST_TYPES} types`)
  }

  #reference(name: string, space: string): DataType {
    const full = fullName(name, space)
    const found = this.#named.get(full) ?? this.#named.get(name)
    if (found !== undefined) {
      this.#grow(found.size)
      return found.type
    }
    const isOpen = this.#named.has(full) || this.#named.has(name)
    throw unreadable(isOpen ? `type ${name} contains itself, which no column can` : `the schema has no type ${name}`)
  }
}

function fullName(name: string, space: string): string {
  return name.includes('.') || space === '' ? name : `${space}.${name}`
}

/**
 * Only those that Hive's Avro SerDe knows; microseconds and times of day are shown as numbers. An invalid one is ignored, as
 * the specification says.
 */
function logicalType(schema: Readonly<Record<string, unknown>>): string | undefined {
  const { type, logicalType: logical, precision, scale } = schema
  if (logical === 'decimal') return decimalType(precision, scale)
  if (logical === 'date' && type === 'int') return 'date'
  return logical === 'timestamp-millis' && type === 'long' ? 'timestamp' : undefined
}

/**
 * The schema with every column nullable and null by default, so that it also reads files from before a column was added
 * ("Schema Resolution": a field that the writer lacks needs a default).
 */
function tolerant(schema: RecordSchema): RecordSchema {
  return {
    ...schema,
    fields: schema.fields.map((each) => {
      if (Object.hasOwn(each, 'default')) return each
      const branches = (Array.isArray(each.type) ? each.type : [each.type]).filter(
        (branch: unknown) => branch !== 'null',
      )
      return { ...each, type: ['null', ...branches], default: null }
    }),
  }
}

/** The schema `a`, with the columns that only `b` has, and with those of `b` that `preferred` names instead of its own. */
export function mergedAvro(a: string, b: string, preferred: ReadonlySet<string>): string {
  const [one, other] = [a, b].map((text) => recordSchema.parse(JSON.parse(text)))
  if (one === undefined || other === undefined) return b
  const theirs = new Map(other.fields.map((each) => [each.name.toLowerCase(), each]))
  const mine = new Set(one.fields.map(({ name }) => name.toLowerCase()))
  const kept = one.fields.map((each) => {
    const key = each.name.toLowerCase()
    return (preferred.has(key) ? theirs.get(key) : undefined) ?? each
  })
  return JSON.stringify({
    ...one,
    fields: [...kept, ...other.fields.filter(({ name }) => !mine.has(name.toLowerCase()))],
  })
}
