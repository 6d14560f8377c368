import type { StructType } from '../tables/schema.ts'
import type { Parameters } from './ports.ts'
import { parseSchema, schemaJson } from './schema-json.ts'
import { parseJson, split } from './text.ts'

const PREFIX = 'spark.sql.sources.schema'
/** Spark's `spark.sql.sources.schemaStringLengthThreshold`. */
const PART_LENGTH = 4000

/** The schema as Spark keeps it in a catalog: JSON, in parts. */
export function schemaParameters(schema: StructType): Parameters {
  const parts = split(schemaJson(schema), PART_LENGTH)
  return Object.fromEntries([
    [`${PREFIX}.numParts`, `${parts.length}`],
    ...parts.map((part, i) => [`${PREFIX}.part.${i}`, part] as const),
  ])
}

/** What {@link schemaParameters} wrote; `undefined` when it is missing or was edited and no longer parses. */
export function schemaIn(parameters: Parameters): StructType | undefined {
  const count = Number(parameters[`${PREFIX}.numParts`] ?? 0)
  if (!Number.isInteger(count) || count < 1 || count > Object.keys(parameters).length) return undefined
  const parts = Array.from({ length: count }, (_, i) => parameters[`${PREFIX}.part.${i}`] ?? '')
  return parseSchema(parseJson(parts.join('')))
}

/** As Spark marks the partition columns of a schema that it keeps in a catalog. */
export function partitionColumnParameters(columns: readonly string[]): Parameters {
  if (columns.length === 0) return {}
  return {
    [`${PREFIX}.numPartCols`]: `${columns.length}`,
    ...Object.fromEntries(columns.map((name, at) => [`${PREFIX}.partCol.${at}`, name])),
  }
}

/** Whether a parameter is part of a schema that Spark or Landfall wrote. */
export function isSchemaParameter(key: string): boolean {
  return key === PREFIX || key.startsWith(`${PREFIX}.`)
}
