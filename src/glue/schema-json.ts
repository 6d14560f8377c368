import type { DataType, StructField, StructType } from '../tables/schema.ts'
import { canonical } from './text.ts'

/** The schema as Spark keeps it in a catalog: Delta's serialization, in Delta's order of keys; metadata sorted by key. */
export function schemaJson(schema: StructType): string {
  return `{"type":"struct","fields":[${schema.fields.map(fieldJson).join(',')}]}`
}

function fieldJson(field: StructField): string {
  const name = JSON.stringify(field.name)
  return `{"name":${name},"type":${typeJson(field.type)},"nullable":${field.nullable},"metadata":${canonical(field.metadata)}}`
}

function typeJson(type: DataType): string {
  if (typeof type === 'string') return JSON.stringify(type)
  if (type.type === 'struct') return schemaJson(type)
  if (type.type === 'array') {
    return `{"type":"array","elementType":${typeJson(type.elementType)},"containsNull":${type.containsNull}}`
  }
  const [key, value] = [typeJson(type.keyType), typeJson(type.valueType)]
  return `{"type":"map","keyType":${key},"valueType":${value},"valueContainsNull":${type.valueContainsNull}}`
}

/** `undefined` for anything that is not a schema of {@link schemaJson}'s form. */
export function parseSchema(value: unknown): StructType | undefined {
  return isStruct(value) ? value : undefined
}

function isStruct(value: unknown): value is StructType {
  return (
    isObject(value) && value['type'] === 'struct' && Array.isArray(value['fields']) && value['fields'].every(isField)
  )
}

function isField(value: unknown): value is StructField {
  return (
    isObject(value) &&
    typeof value['name'] === 'string' &&
    isType(value['type']) &&
    typeof value['nullable'] === 'boolean' &&
    isObject(value['metadata'])
  )
}

function isType(value: unknown): value is DataType {
  if (typeof value === 'string') return true
  if (!isObject(value)) return false
  switch (value['type']) {
    case 'struct':
      return isStruct(value)
    case 'array':
      return isType(value['elementType']) && typeof value['containsNull'] === 'boolean'
    case 'map':
      return isType(value['keyType']) && isType(value['valueType']) && typeof value['valueContainsNull'] === 'boolean'
    default:
      return false
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
