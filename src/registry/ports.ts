import type { Location } from '../lake/lake.ts'
import type { Promote } from './settings.ts'

/**
 * A model registry, as deployments use it. The adapter for MLflow, SageMaker-managed MLflow, the registry of a Databricks
 * workspace and Unity Catalog is in `src/registry/client.ts`; the twin is in `test/registry/registry.twin.ts`.
 */
export interface Registry {
  /**
   * The version that is promoted; `undefined` if there is none, or no such model.
   *
   * @throws {Refused} `unauthorized`, `permission-denied`, `registry-refused`; `prompt-not-model` if a prompt has that name
   */
  promoted(registered: string, promote: Promote): Promise<Version | undefined>
  /**
   * The folder of a version's artifacts, with its `MLmodel`.
   *
   * @throws {Refused} `no-artifacts` if the registry has none, `artifacts-elsewhere` if they are not under the registry's
   * `artifacts`
   */
  artifacts(registered: string, version: string): Promise<Location>
  /** Sets tags of a version. A version that was deleted in the meantime is no error. */
  tag(registered: string, version: string, tags: Readonly<Record<string, string>>): Promise<'tagged' | 'gone'>
}

export interface Version {
  /** The registry's number, as text. */
  readonly version: string
  /** Its source, as the registry has it. It differs if a version of the same number is another model. */
  readonly source: string
  /** `pending`: its artifacts are still being written. */
  readonly status: 'ready' | 'pending' | 'failed'
  readonly tags: Readonly<Record<string, string>>
}

/** Of tags that Landfall sets. A change of these wakes nothing. */
export const TAG_PREFIX = 'landfall.'

/**
 * The webhooks of a model registry. The adapter for MLflow is in `src/registry/webhook-admin-mlflow.ts`, the one for a
 * Databricks workspace in `src/registry/webhook-admin-databricks.ts`; the twin is in `test/registry/webhook-admin.twin.ts`.
 */
export interface WebhookAdmin {
  /** The events that can mean a promotion, as the registry names them. */
  readonly events: readonly string[]
  /** All webhooks, including other people's. */
  list(): Promise<Hook[]>
  /** Not safe to repeat: names are not unique, and two hooks deliver everything twice. */
  create(name: string, url: string, secret: string): Promise<Hook>
  /** Makes it active and subscribes it to all of {@link events}. Without `secret`, its secret stays as it is. */
  repair(hook: Hook, secret?: string): Promise<Hook>
  /** Succeeds if the hook is gone already. */
  remove(id: string): Promise<void>
  /** Makes the registry deliver a sample event now, even from an inactive webhook. */
  test(id: string): Promise<TestDelivery>
}

export interface Hook {
  readonly id: string
  readonly name: string
  readonly url: string
  readonly events: readonly string[]
  readonly isActive: boolean
}

export interface TestDelivery {
  readonly delivered: boolean
  /** The receiver's answer; absent if there was none. */
  readonly status?: number
  /** Why there was no answer. */
  readonly reason?: string
}
