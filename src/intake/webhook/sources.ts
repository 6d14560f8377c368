import type { Lake, RegistrySettings } from '../../lake/lake.ts'
import { databricksRegistry } from './databricks-registry.ts'
import { jobNotifications } from './job-notifications.ts'
import { mlflowRegistry } from './mlflow.ts'
import type { Signing } from './signature.ts'
import type { Source } from './receive.ts'

/** What deliveries are checked against, by the name of a secret. The adapter is in `src/intake/webhook/secrets.ts`. */
export interface WebhookSecrets {
  signing(secret: string): Signing
  /** Compares an `Authorization` header with that of the lake's notification destination. */
  authorization(secret: string): (authorization: string) => Promise<boolean>
}

/** Where Databricks' job notifications are delivered. */
export const JOBS_PATH = '/databricks/jobs'

/** Where the webhooks of a registry deliver, by its name in lake.yml. */
export function registryPath(registry: string): string {
  return `/registries/${registry}`
}

type WithWebhooks = Extract<RegistrySettings, { kind: 'mlflow' | 'databricks' }>

/** Unity Catalog has no webhooks, and the news of MLflow as SageMaker runs it comes over EventBridge. */
export function hasWebhooks(registry: RegistrySettings): registry is WithWebhooks {
  return registry.kind === 'mlflow' || registry.kind === 'databricks'
}

/** Who may deliver to a lake, by path. */
export function sourcesOf(lake: Lake, secrets: WebhookSecrets, now: () => number): Record<string, Source> {
  const sources: Record<string, Source> = {}
  if (lake.databricks !== undefined)
    sources[JOBS_PATH] = jobNotifications(lake.tables, secrets.authorization(lake.databricks.secret))
  for (const [name, registry] of Object.entries(lake.registries)) {
    if (!hasWebhooks(registry)) continue
    const signing = secrets.signing(registry.secret)
    sources[registryPath(name)] =
      registry.kind === 'mlflow'
        ? mlflowRegistry(name, lake.models, signing, now)
        : databricksRegistry(name, lake.models, signing)
  }
  return sources
}
