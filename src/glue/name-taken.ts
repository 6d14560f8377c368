import type { CatalogTable } from './settings.ts'
import { Refused } from '../core/refused.ts'
import { type Location, locationUri } from '../lake/lake.ts'
import type { TableInput } from './ports.ts'

/** Whether a record is of files in exactly this location; `s3a:` and `s3n:` are Hadoop's names for `s3:`. */
export function isAt(found: TableInput, location: Location): boolean {
  const written = found.StorageDescriptor?.Location ?? ''
  return written.replace(/^s3[an]:/, 's3:').replace(/\/+$/, '') === locationUri(location)
}

/** `kind`: what the record would have to be of to be `table`'s: `Delta table`, `table of json files`. */
export function nameTaken(found: TableInput, table: CatalogTable, kind: string): Refused {
  const name = `${table.catalog.database}.${found.Name}`
  return new Refused(
    'name-taken',
    `${name} in the Glue catalog is not the ${kind} ${table.name}: ${describe(found)}.`,
    {
      subject: name,
      expected: `no table, or the ${kind} at ${locationUri(table.location)}/`,
      found: describe(found),
      advice: `Give ${table.name} another catalog.database or catalog.table in lake.yml, or drop ${name} from the Glue catalog.`,
    },
  )
}

function describe(found: TableInput): string {
  const format = found.Parameters?.['table_type'] ?? found.Parameters?.['classification']
  const location = found.StorageDescriptor?.Location || 'no location'
  return `${found.TableType ?? 'a table'}${format === undefined ? '' : ` of type ${format}`} at ${location}`
}
