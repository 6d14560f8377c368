import * as z from 'zod'
import { deployNamePattern } from '../../lake/names.ts'
import type { Path } from '../../lake/problem.ts'
import { lakeSchema } from './schema.ts'

/** As much of JSON Schema as ours uses. */
export interface JsonSchema {
  readonly $schema?: string
  readonly title?: string
  readonly description?: string
  readonly type?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | false
  readonly propertyNames?: { readonly pattern: string }
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly { readonly required: readonly string[] }[]
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly minimum?: number
  readonly minItems?: number
  readonly default?: unknown
  /** What a key that is left out means, where that is no constant. */
  readonly 'x-default'?: string
}

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

/** The keys that may stand at `path`; empty where the names are the lake's own. */
export function keysAt(path: Path): string[] {
  return schemasAt(path)
    .flatMap((schema) => [schema, ...(schema.anyOf ?? [])])
    .flatMap((schema) => Object.keys(schema.properties ?? {}))
}

/** What may stand at `path`; several where it can be of several forms. */
export function schemasAt(path: Path): JsonSchema[] {
  let schemas: JsonSchema[] = [plainSchema]
  for (const part of path) schemas = schemas.flatMap((schema) => inside(schema, part))
  return schemas
}

function inside(schema: JsonSchema, part: string | number): JsonSchema[] {
  const branches = [schema, ...(schema.anyOf ?? [])]
  return branches.flatMap((branch) => {
    if (typeof part === 'number') return branch.items ?? []
    if (branch.properties !== undefined && Object.hasOwn(branch.properties, part)) return branch.properties[part]!
    return branch.additionalProperties || []
  })
}
