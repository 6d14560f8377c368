/** Column mapping: the log keys partition values and statistics by physical names (Delta protocol, "Column Mapping"). */
import type { TableMetadata } from '../change.ts'

/** Physical to logical name of the partition columns; empty where they are the same. */
export function logicalNames(metadata: TableMetadata): ReadonlyMap<string, string> {
  const mode = metadata.properties['delta.columnMapping.mode']
  const names = new Map<string, string>()
  if (mode !== 'id' && mode !== 'name') return names
  for (const field of metadata.schema.fields) {
    const physical = field.metadata?.['delta.columnMapping.physicalName']
    if (typeof physical === 'string') names.set(physical, field.name)
  }
  return names
}

export function renamed<Value>(
  values: Readonly<Record<string, Value>>,
  names: ReadonlyMap<string, string>,
): Readonly<Record<string, Value>> {
  if (names.size === 0) return values
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [names.get(name) ?? name, value]))
}
