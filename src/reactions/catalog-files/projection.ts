import type { CatalogTable } from '../../glue/settings.ts'
import type { Parameters } from '../../glue/ports.ts'
import { locationUri } from '../../lake/lake.ts'
import type { Projection } from '../../glue/settings.ts'

/** The parameters with which Athena computes a table's partitions ("Set up partition projection"), if it does. */
export function projectionParameters(table: CatalogTable): Parameters {
  const projection = Object.entries(table.catalog.projection ?? {})
  if (projection.length === 0) return {}
  const columns = projection.flatMap(([name, settings]) =>
    columnProjection(`projection.${name.toLowerCase()}`, settings),
  )
  const uri = locationUri(table.location)
  const template = table.partitionPattern?.replaceAll(
    /\{([^{}]*)\}/g,
    (_all, name: string) => `\${${name.toLowerCase()}}`,
  )
  return {
    'projection.enabled': 'true',
    ...Object.fromEntries(columns),
    ...(template === undefined ? {} : { 'storage.location.template': `${uri}/${template}/` }),
  }
}

function columnProjection(
  prefix: string,
  { type, range, format, values, interval, unit, digits }: Projection,
): [string, string][] {
  const settings: readonly (readonly [string, string | undefined])[] = [
    ['type', type],
    ['range', range],
    ['format', format],
    ['values', values?.join(',')],
    ['interval', interval?.toString()],
    ['interval.unit', unit],
    ['digits', digits?.toString()],
  ]
  return settings.flatMap(([name, value]) => (value === undefined ? [] : [[`${prefix}.${name}`, value]]))
}
