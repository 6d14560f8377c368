import * as z from 'zod'
import { deployNamePattern } from '../../lake/names.ts'
import type { JsonSchema } from '../../lake/json-schema.ts'
import { lakeSchema } from './schema.ts'

/** What zod makes of the schema: a lake without its stages. */
export const plainSchema = z.toJSONSchema(lakeSchema, { io: 'input' }) as JsonSchema

/** The JSON Schema of lake.yml, `stages` among it: for editors and for anyone who does not run Landfall. */
export function lakeJsonSchema(): JsonSchema {
  const { properties, ...rest } = plainSchema
  const { $schema: _, title: __, ...lake } = plainSchema
  const stages: JsonSchema = {
    type: 'object',
    description: 'What is different in a stage: laid over the rest of the file, key by key. null takes a key away.',
    propertyNames: { pattern: deployNamePattern },
    additionalProperties: { ...relaxed(lake), description: 'What is different in this stage.' },
  }
  return { ...rest, properties: { ...properties, stages } }
}

/** The same with nothing required and `null` allowed everywhere, as overrides need it. */
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
