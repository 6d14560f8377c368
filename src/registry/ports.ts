import type { Location, Promote } from '../lake/lake.ts'

/**
 * A model registry, as much of it as a deployment asks. Adapters for MLflow, SageMaker-managed MLflow, the registry of a
 * Databricks workspace and Unity Catalog are in `src/clients/`; the twin is in `test/twins/`.
 */
export interface Registry {
  /**
   * The version that the mark is on; `undefined` where no version has it, or there is no such model.
   *
   * @throws {Refused} `unauthorized`, `permission-denied`, `registry-refused`
   */
  promoted(registered: string, promote: Promote): Promise<Version | undefined>
  /**
   * Where the artifacts of a version lie: the folder with its `MLmodel`.
   *
   * @throws {Refused} `no-artifacts` where the registry knows of none, `artifacts-elsewhere` where they are not under the
   * registry's `artifacts`
   */
  artifacts(registered: string, version: string): Promise<Location>
  /** Sets tags of a version. One that was deleted meanwhile is nothing to tag, and no error. */
  tag(registered: string, version: string, tags: Readonly<Record<string, string>>): Promise<'tagged' | 'gone'>
}

export interface Version {
  /** The registry's number, as text. */
  readonly version: string
  /** What it was made of, as the registry says: differs where a version of the same number is another model. */
  readonly source: string
  /** `pending`: its artifacts are still being written. */
  readonly status: 'ready' | 'pending' | 'failed'
  readonly tags: Readonly<Record<string, string>>
}

/** Tags of ours: those that we set ourselves wake nothing. */
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
