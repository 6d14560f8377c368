/** From a valid registry of lake.yml to its settings. */
import type * as z from 'zod'
import { hostOf } from '../databricks/settings.ts'
import type { databricksSchema } from '../databricks/schema.ts'
import type { RegistrySettings } from '../lake/lake.ts'
import { parseLocation } from '../lake/location.ts'
import type { registrySchema } from './schema.ts'

type DeclaredRegistry = z.infer<typeof registrySchema>

export function registrySettings(
  declared: DeclaredRegistry,
  databricks: z.infer<typeof databricksSchema> | undefined,
): RegistrySettings {
  const artifacts = parseLocation(declared.artifacts)!
  if (declared.databricks !== undefined) {
    const kind = declared.databricks === 'workspace' ? 'databricks' : declared.databricks
    return { kind, host: hostOf(databricks!.host), secret: databricks!.secret, artifacts }
  }
  const host = hostOf(declared.mlflow!)
  return declared.server === undefined
    ? { kind: 'mlflow', host, secret: declared.secret!, artifacts }
    : { kind: 'sagemaker', host, server: declared.server, artifacts }
}
