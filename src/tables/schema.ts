/**
 * A table's schema in the form of the Delta protocol ("Schema Serialization Format"). Tables of files use the same, so that
 * everything behind the readers knows one schema language.
 */

/** `string`, `long`, `integer`, `short`, `byte`, `float`, `double`, `decimal(p,s)`, `boolean`, `binary`, `date`, `timestamp`, `timestamp_ntz`, `variant`, … */
type PrimitiveType = string

export type DataType = PrimitiveType | StructType | ArrayType | MapType

export interface StructType {
  readonly type: 'struct'
  readonly fields: readonly StructField[]
}

interface ArrayType {
  readonly type: 'array'
  readonly elementType: DataType
  readonly containsNull: boolean
}

interface MapType {
  readonly type: 'map'
  readonly keyType: DataType
  readonly valueType: DataType
  readonly valueContainsNull: boolean
}

export interface StructField {
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
  /** `comment`, `delta.columnMapping.id`, `delta.columnMapping.physicalName`, … */
  readonly metadata: Readonly<Record<string, unknown>>
}
