import { Refused } from '../core/refused.ts'
import type { DataType, StructField } from '../tables/schema.ts'

/** Glue's longest column type, in characters (API reference, "Column", Type). */
const LONGEST_TYPE = 131_072

/** Delta's primitive types (PROTOCOL.md, "Primitive Types") as Hive spells them. */
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
  // Hive has one timestamp, and Athena reads both of Delta's as it.
  timestamp_ntz: 'timestamp',
  // No catalog type says "all null" or "variant" so that Athena still reads the rest of the table.
  void: 'string',
  variant: 'string',
}

/** The names that Hive's type grammar takes between `struct<` and `:`; one hyphen makes the whole type unreadable. */
const STRUCT_FIELD = /^[\p{L}\p{N}_.$ ]+$/u

/**
 * A column's type in the catalog. What Hive's grammar cannot spell (a nested field named `a-b`, an empty struct) makes the
 * column a `string`: engines take the schema from the log, and one type that does not parse hides the table from them all.
 *
 * @throws {Refused} `unknown-type`, `type-too-long`, naming the column.
 */
export function hiveType(column: StructField): string {
  const type = textType(column) ?? spell(column.type, column.name) ?? 'string'
  if (type.length <= LONGEST_TYPE) return type
  throw new Refused(
    'type-too-long',
    `Column ${column.name}: its type takes ${type.length} characters, and Glue holds ${LONGEST_TYPE}.`,
    {
      subject: column.name,
      expected: `at most ${LONGEST_TYPE} characters`,
      found: `${type.length}`,
      advice: 'Nest less in one column, or turn off the catalog for this table in lake.yml.',
    },
  )
}

/** Spark writes char(n) and varchar(n) as strings and says so in the metadata. Athena has no char for Delta tables. */
function textType(column: StructField): string | undefined {
  const declared = column.metadata['__CHAR_VARCHAR_TYPE_STRING']
  if (column.type !== 'string' || typeof declared !== 'string') return undefined
  const length = /^(?:var)?char\((\d+)\)$/.exec(declared)?.[1]
  // Hive's longest varchar.
  return length === undefined || Number(length) > 65_535 || Number(length) < 1 ? undefined : `varchar(${length})`
}

/** `undefined`: Hive's grammar has no words for it. */
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
  throw new Refused('unknown-type', `Column ${column}: the type ${type} has no counterpart in the Glue catalog.`, {
    subject: column,
    expected: `one of ${Object.keys(PRIMITIVES).join(', ')}, decimal(p,s), array, map, struct`,
    found: type,
    advice: 'Upgrade Landfall, or turn off the catalog for this table in lake.yml.',
  })
}
