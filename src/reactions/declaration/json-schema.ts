import * as z from 'zod'
import { deployNamePattern } from '../../lake/names.ts'
import type { JsonSchema } from '../../lake/json-schema.ts'
import { lakeSchema } from './schema.ts'

/** The JSON Schema that zod makes: of a lake without `stages`. */
export const plainSchema = z.toJSONSchema(lakeSchema, { io: 'input' }) as JsonSchema

/** The JSON Schema of lake.yml with `stages`, for editors and other tools. */
export function lakeJsonSchema(): JsonSchema {
  const { properties, ...rest } = plainSchema
  const { $schema: _, title: __, ...lake } = plainSchema
  const stages: JsonSchema = {
    type: 'object',
    description: 'Overrides of each stage, merged into the rest of the file key by key. null removes a key.',
    propertyNames: { pattern: deployNamePattern },
    additionalProperties: { ...relaxed(lake), description: 'The overrides of this stage.' },
  }
  return { ...rest, properties: { ...properties, stages } }
}

/** The schema of overrides: nothing is required, and `null` is allowed everywhere. */
function relaxed(schema: JsonSchema): JsonSchema {
  const { required: _, oneOf: __, default: ___, anyOf, properties, additionalProperties, ...rest } = schema
  const loose: JsonSchema = {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, nullable(value)])),
    }),
    ...(additionalProperties !== undefined && {
      additionalProperties: additionalProperties && nullable(additionalProperties),
    }),
  }
  return anyOf === undefined ? loose : { ...loose, anyOf: anyOf.map(relaxed) }
}

function nullable(schema: JsonSchema): JsonSchema {
  const { description, anyOf = [schema], ...rest } = relaxed(schema)
  const branches = schema.anyOf === undefined ? [{ ...rest }] : anyOf
  return { ...(description !== undefined && { description }), anyOf: [...branches, { type: 'null' }] }
}
