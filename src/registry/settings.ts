/** From a valid registry of lake.yml to its settings. */
import type { Location } from '../lake/lake.ts'
import type * as z from 'zod'
import { hostOf } from '../databricks/settings.ts'
import type { databricksSchema } from '../databricks/schema.ts'
import { parseLocation } from '../lake/location.ts'
import type { registrySchema } from './schema.ts'

export type Promote =
  | { readonly alias: string }
  | { readonly stage: string }
  /** Serves the highest version that has this tag with this value. */
  | { readonly tag: { readonly key: string; readonly value: string } }

export type RegistrySettings = MlflowRegistry | SageMakerRegistry | DatabricksRegistry

interface AnyRegistry {
  /** `https://…`, without a trailing slash. */
  readonly host: string
  /** Where its models' artifacts are. `mlflow-artifacts:` addresses are mapped to it, and rights are granted on it. */
  readonly artifacts: Location
}

/** A self-hosted MLflow server. */
export interface MlflowRegistry extends AnyRegistry {
  readonly kind: 'mlflow'
  /** The secret with its credentials and with the keys that sign its webhooks: docs/reactions/deployment.md. */
  readonly secret: string
}

/** MLflow as SageMaker runs it: called with the function's own role. Its events come over EventBridge. */
export interface SageMakerRegistry extends AnyRegistry {
  readonly kind: 'sagemaker'
  /** ARN of the tracking server, or of the MLflow App. */
  readonly server: string
}

/** Whether it is an MLflow App rather than a tracking server. An app has an IAM action of its own and sends no events. */
export function isMlflowApp({ server }: Pick<SageMakerRegistry, 'server'>): boolean {
  return server.includes(':mlflow-app/')
}

/** The registry of the Databricks workspace in `databricks`, or Unity Catalog, which has no webhooks. */
export interface DatabricksRegistry extends AnyRegistry {
  readonly kind: 'databricks' | 'unity-catalog'
  /** The secret of the section `databricks`. */
  readonly secret: string
}

export type RegistryWithWebhooks = MlflowRegistry | (DatabricksRegistry & { readonly kind: 'databricks' })

/** Unity Catalog has no webhooks, and MLflow as SageMaker runs it sends its events over EventBridge. */
export function hasWebhooks(registry: RegistrySettings): registry is RegistryWithWebhooks {
  return registry.kind === 'mlflow' || registry.kind === 'databricks'
}

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
