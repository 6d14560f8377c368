/** What one version of a table's metadata has that the version before had not. */
import { isObject } from '../../tables/delta/actions.ts'
import { truncateUtf8 } from '../../core/text.ts'
import type { Protocol, TableMetadata } from '../../tables/change.ts'
import type { DataType, StructField, StructType } from '../../tables/schema.ts'
import {
  type Capped,
  capped,
  LISTED,
  type PropertyDifference,
  type ProtocolDifference,
  type SchemaDifference,
} from './facts.ts'

/** Bytes of a name, type, comment or value that a fact shows. */
const LONGEST = 500

const short = (text: string): string => {
  const begin = truncateUtf8(text, LONGEST)
  return begin.length === text.length ? text : `${begin}…`
}

type Columns = NonNullable<SchemaDifference['added']>['first']
type Renames = NonNullable<SchemaDifference['renamed']>['first']
type ColumnChange = NonNullable<SchemaDifference['changed']>['first'][number]

interface Lists {
  readonly added: Columns
  readonly dropped: Columns
  readonly renamed: Renames
  readonly changed: ColumnChange[]
}

/** `undefined` when the columns are the same. `before` is undefined for a table's first version. */
export function schemaDifference(
  before: TableMetadata | undefined,
  after: TableMetadata,
): SchemaDifference | undefined {
  const lists: Lists = { added: [], dropped: [], renamed: [], changed: [] }
  compareFields(before?.schema ?? EMPTY, after.schema, '', lists)
  const [from, to] = [before?.partitionColumns ?? [], after.partitionColumns]
  const difference: SchemaDifference = {
    ...unlessEmpty('added', lists.added),
    ...unlessEmpty('dropped', lists.dropped),
    ...unlessEmpty('renamed', lists.renamed),
    ...unlessEmpty('changed', lists.changed),
    ...(isSame(from, renamedColumns(to, lists.renamed))
      ? {}
      : { partitionColumns: { from: from.slice(0, LISTED).map(short), to: to.slice(0, LISTED).map(short) } }),
  }
  return Object.keys(difference).length === 0 ? undefined : difference
}

const EMPTY: StructType = { type: 'struct', fields: [] }

function unlessEmpty<Name extends string, Item>(name: Name, items: readonly Item[]) {
  return (items.length === 0 ? {} : { [name]: capped(items) }) as Partial<Record<Name, Capped<Item>>>
}

/** A partition column with a new name is the same partition column. */
function renamedColumns(columns: readonly string[], renames: Renames): string[] {
  const before = new Map(renames.map(({ from, to }) => [to, from]))
  return columns.map((column) => before.get(column) ?? column)
}

function compareFields(before: StructType, after: StructType, prefix: string, lists: Lists): void {
  const old = new Map(before.fields.map((field) => [identityOf(field), field]))
  for (const field of after.fields) {
    const was = old.get(identityOf(field))
    old.delete(identityOf(field))
    // Cut here, not where it is shown: nested names make up the names of all that is in them.
    const column = short(prefix + field.name)
    if (was === undefined) lists.added.push({ column, type: short(typeName(field.type)) })
    else {
      if (was.name !== field.name) lists.renamed.push({ from: short(prefix + was.name), to: column })
      compareColumn(was, field, column, lists)
    }
  }
  for (const { name, type } of old.values())
    lists.dropped.push({ column: short(prefix + name), type: short(typeName(type)) })
}

/**
 * What tells a column from others over time: with column mapping its physical name, which is the old name where mapping is
 * switched on later ("Column Mapping"); without it its name, in any case of letters.
 */
function identityOf({ name, metadata }: StructField): string {
  const physical = metadata?.['delta.columnMapping.physicalName']
  return typeof physical === 'string' ? physical.toLowerCase() : name.toLowerCase()
}

function compareColumn(was: StructField, field: StructField, column: string, lists: Lists): void {
  const [from, to] = [commentOf(was), commentOf(field)]
  const type = compareTypes(was.type, field.type, column, lists)
  const change: ColumnChange = {
    column,
    ...(type && { type }),
    ...(was.nullable === field.nullable ? {} : { nullable: { from: was.nullable, to: field.nullable } }),
    ...(from === to ? {} : { comment: { from, to } }),
  }
  if (Object.keys(change).length > 1) lists.changed.push(change)
}

function commentOf({ metadata }: StructField): string | null {
  const comment = metadata?.['comment']
  return typeof comment === 'string' ? short(comment) : null
}

/** Two structs, lists or maps are compared by what is in them; other types as a whole. */
function compareTypes(was: DataType, type: DataType, column: string, lists: Lists): ColumnChange['type'] {
  if (isObject(was) && isObject(type) && was.type === type.type) {
    compareNested(was as Exclude<DataType, string>, type as Exclude<DataType, string>, column, lists)
    return undefined
  }
  const [from, to] = [typeName(was), typeName(type)]
  return from === to ? undefined : { from: short(from), to: short(to) }
}

type Nested = Exclude<DataType, string>

function compareNested(was: Nested, type: Nested, column: string, lists: Lists): void {
  if (was.type === 'struct' && type.type === 'struct') compareFields(was, type, `${column}.`, lists)
  const inner = (name: string, from: DataType, to: DataType, nullable: readonly [boolean, boolean]) =>
    compareColumn(
      { name, type: from, nullable: nullable[0], metadata: {} },
      { name, type: to, nullable: nullable[1], metadata: {} },
      `${column}.${name}`,
      lists,
    )
  if (was.type === 'array' && type.type === 'array')
    inner('element', was.elementType, type.elementType, [was.containsNull, type.containsNull])
  if (was.type === 'map' && type.type === 'map') {
    inner('key', was.keyType, type.keyType, [false, false])
    inner('value', was.valueType, type.valueType, [was.valueContainsNull, type.valueContainsNull])
  }
}

/** As SQL spells it: `array<struct<a: long, b: string>>`. */
function typeName(type: DataType): string {
  if (typeof type === 'string') return type
  if (type.type === 'array') return `array<${typeName(type.elementType)}>`
  if (type.type === 'map') return `map<${typeName(type.keyType)}, ${typeName(type.valueType)}>`
  return `struct<${type.fields.map((field) => `${field.name}: ${typeName(field.type)}`).join(', ')}>`
}

export function propertyDifference(
  before: TableMetadata | undefined,
  after: TableMetadata,
): PropertyDifference | undefined {
  const [from, to] = [before?.properties ?? {}, after.properties]
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].filter((name) => from[name] !== to[name])
  if (names.length === 0) return undefined
  return capped(
    names.sort().map((name) => ({ name: short(name), ...valueAs('from', from[name]), ...valueAs('to', to[name]) })),
  )
}

function valueAs<Name extends string>(name: Name, value: string | undefined) {
  return (value === undefined ? {} : { [name]: short(value) }) as Partial<Record<Name, string>>
}

export function protocolDifference(before: Protocol | undefined, after: Protocol): ProtocolDifference | undefined {
  const [from, to] = [before && copyOf(before), copyOf(after)]
  if (JSON.stringify(from) === JSON.stringify(to)) return undefined
  return { ...(from && { from }), to }
}

/** Features have no order. */
function copyOf({ minReaderVersion, minWriterVersion, readerFeatures, writerFeatures }: Protocol) {
  return {
    minReaderVersion,
    minWriterVersion,
    readerFeatures: [...readerFeatures].sort(),
    writerFeatures: [...writerFeatures].sort(),
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at])
}
