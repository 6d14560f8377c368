import type * as z from 'zod'
import type { DatabricksSettings } from '../lake/lake.ts'
import type { databricksSchema } from './schema.ts'

export function databricksSettings({ host, secret }: z.infer<typeof databricksSchema>): DatabricksSettings {
  return { host: hostOf(host), secret }
}

/** Without a trailing slash. */
export function hostOf(address: string): string {
  return address.replace(/\/+$/, '')
}
