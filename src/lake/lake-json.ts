/** The resolved lake as a JSON file. Functions are deployed with it, so that they need neither YAML nor a schema library. */
import type { Lake } from './lake.ts'

/** Raised when older lake.json files can no longer be read. */
const formatVersion = 2

export function serializeLake(lake: Lake): string {
  return `${JSON.stringify({ formatVersion, ...lake }, undefined, 2)}\n`
}

/**
 * Reads what {@link serializeLake} wrote. Anything else throws a plain Error, not a refusal: messages must wait in their
 * queue for the next good deploy, not be rejected.
 */
export function parseLake(text: string): Lake {
  const { formatVersion: found, ...lake } = parseObject(text)
  if (found !== formatVersion)
    throw new Error(
      `lake.json has format version ${JSON.stringify(found)}, this function reads ${formatVersion}: deploy again`,
    )
  if (!isLake(lake))
    throw new Error('lake.json is not a resolved lake (name, stage, buckets, tables, models, registries): deploy again')
  return lake
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Error('lake.json is not JSON: deploy again', { cause })
  }
  return isRecord(value) ? value : {}
}

function isLake(value: Record<string, unknown>): value is Record<string, unknown> & Lake {
  const { name, stage, buckets, tables, models, registries } = value
  if (typeof name !== 'string' || typeof stage !== 'string' || !isRecord(tables)) return false
  if (![buckets, models, registries].every(isRecord)) return false
  const isTable = (table: unknown): boolean =>
    isRecord(table) && typeof table.name === 'string' && typeof table.format === 'string' && isRecord(table.location)
  return Object.values(tables).every(isTable)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
