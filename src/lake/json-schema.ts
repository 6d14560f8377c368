import type { Path } from './problem.ts'

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

/** The keys that may stand at `path`; empty where the names are the lake's own. */
export function keysAt(schema: JsonSchema, path: Path): string[] {
  return schemasAt(schema, path)
    .flatMap((schema) => [schema, ...(schema.anyOf ?? [])])
    .flatMap((schema) => Object.keys(schema.properties ?? {}))
}

/** What may stand at `path`; several where it can be of several forms. */
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
