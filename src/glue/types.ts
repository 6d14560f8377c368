import { Refused } from '../core/refused.ts'
import type { DataType, StructField } from '../tables/schema.ts'

/** Glue's longest column type, in characters (API reference, "Column", Type). */
const LONGEST_TYPE = 131_072

/** Hive's names of Delta's primitive types (PROTOCOL.md, "Primitive Types"). */
const PRIMITIVES: Readonly<Record<string, string>> = {
  byte: 'tinyint',
  short: 'smallint',
  integer: 'int',
  long: 'bigint',
  float: 'float',
  double: 'double',
  boolean: 'boolean',
  string: 'string',
  binary: 'binary',
  date: 'date',
  timestamp: 'timestamp',
  // Hive has one timestamp type, and Athena reads both of Delta's through it.
  timestamp_ntz: 'timestamp',
  // With no catalog type for "all null" or "variant" can Athena still read the rest of the table.
  void: 'string',
  variant: 'string',
}

/** Field names that Hive's type grammar accepts in a `struct<…>`; a single hyphen makes the whole type unreadable. */
const STRUCT_FIELD = /^[\p{L}\p{N}_.$ ]+$/u

/**
 * A column's type in the catalog. A type that Hive's grammar cannot express (a nested field named `a-b`, an empty struct)
 * becomes `string`: engines take the schema from the log, but a type that does not parse hides the table from all of them.
 *
 * @throws {Refused} `unknown-type`, `type-too-long`, naming the column.
 */
export function hiveType(column: StructField): string {
  const type = textType(column) ?? hiveTypeText(column.type, column.name)
  if (type.length <= LONGEST_TYPE) return type
  throw new Refused(
    'type-too-long',
    `Column ${column.name}: its type has ${type.length} characters; Glue allows ${LONGEST_TYPE}.`,
    {
      subject: column.name,
      expected: `at most ${LONGEST_TYPE} characters`,
      found: `${type.length}`,
      advice: 'Nest less in one column, or turn off the catalog for this table in lake.yml.',
    },
  )
}

/** The same for a type of any length. */
export function hiveTypeText(type: DataType, column = ''): string {
  return spell(type, column) ?? 'string'
}

/** Spark stores char(n) and varchar(n) as strings, with the type in the metadata. Athena has no char for Delta tables. */
function textType(column: StructField): string | undefined {
  const declared = column.metadata['__CHAR_VARCHAR_TYPE_STRING']
  if (column.type !== 'string' || typeof declared !== 'string') return undefined
  const length = /^(?:var)?char\((\d+)\)$/.exec(declared)?.[1]
  // 65,535 is Hive's longest varchar.
  return length === undefined || Number(length) > 65_535 || Number(length) < 1 ? undefined : `varchar(${length})`
}

/** `undefined`: Hive's grammar cannot express it. */
function spell(type: DataType, column: string): string | undefined {
  if (typeof type === 'string') return primitive(type, column)
  if (type.type === 'array') return wrap('array', [spell(type.elementType, column)])
  if (type.type === 'map') return wrap('map', [spell(type.keyType, column), spell(type.valueType, column)])
  const fields = type.fields.map((field) => {
    const spelled = spell(field.type, `${column}.${field.name}`)
    return spelled !== undefined && STRUCT_FIELD.test(field.name) ? `${field.name}:${spelled}` : undefined
  })
  return wrap('struct', fields)
}

function wrap(kind: string, parts: readonly (string | undefined)[]): string | undefined {
  return parts.length === 0 || parts.includes(undefined) ? undefined : `${kind}<${parts.join(',')}>`
}

function primitive(type: string, column: string): string {
  const known = Object.hasOwn(PRIMITIVES, type) ? PRIMITIVES[type] : undefined
  if (known !== undefined) return known
  const decimal = /^decimal(?:\(\s*(\d+)\s*,\s*(\d+)\s*\))?$/.exec(type)
  if (decimal) return `decimal(${decimal[1] ?? '10'},${decimal[2] ?? '0'})`
  throw new Refused('unknown-type', `Column ${column}: the type ${type} has no equivalent in the Glue catalog.`, {
    subject: column,
    expected: `one of ${Object.keys(PRIMITIVES).join(', ')}, decimal(p,s), array, map, struct`,
    found: type,
    advice: 'Upgrade Landfall, or turn off the catalog for this table in lake.yml.',
  })
}
