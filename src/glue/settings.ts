import type * as z from 'zod'
import type { CatalogSettings } from '../lake/lake.ts'
import { glueNameOf } from './names.ts'
import type { catalogSchema } from './schema.ts'

/** The settings of a valid `catalog`. @param table the table's name in lake.yml */
export function catalogSettings(table: string, declared: z.infer<typeof catalogSchema>): CatalogSettings {
  return { ...declared, table: declared.table ?? glueNameOf(table) }
}
