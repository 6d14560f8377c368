import type { Path } from './problem.ts'

/** The part of JSON Schema that the schema of lake.yml uses. */
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
  /** The default of an optional key, in words, if it is not a constant. */
  readonly 'x-default'?: string
}

/** The keys that the map at `path` may have; empty if the lake chooses its names. */
export function keysAt(schema: JsonSchema, path: Path): string[] {
  return schemasAt(schema, path)
    .flatMap((schema) => [schema, ...(schema.anyOf ?? [])])
    .flatMap((schema) => Object.keys(schema.properties ?? {}))
}

/** The schemas of the value at `path`: several if it can have several forms. */
export function schemasAt(schema: JsonSchema, path: Path): JsonSchema[] {
  let schemas: JsonSchema[] = [schema]
  for (const part of path) schemas = schemas.flatMap((each) => inside(each, part))
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
