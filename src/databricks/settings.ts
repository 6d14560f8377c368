import type * as z from 'zod'
import type { databricksSchema } from './schema.ts'

/** The Databricks workspace. `secret` is the name of the secret in Secrets Manager with its credentials. */
export interface DatabricksSettings {
  /** `https://…`, without a trailing slash. */
  readonly host: string
  readonly secret: string
}

export function databricksSettings({ host, secret }: z.infer<typeof databricksSchema>): DatabricksSettings {
  return { host: hostOf(host), secret }
}

/** Without a trailing slash. */
export function hostOf(address: string): string {
  return address.replace(/\/+$/, '')
}
