import type { Instances, Location, Serverless } from '../../lake/lake.ts'

/**
 * Amazon SageMaker, as much of it as a deployment needs, in its own words. The adapter is in `src/reactions/deployment/aws/sagemaker.ts`, the
 * twin in `test/reactions/deployment/sagemaker.twin.ts`, and one suite runs on the twin and on the stand-in. Nothing here has a client token
 * (API reference): names are made from what they stand for, so that a second call finds the first one's work.
 */
export interface SageMaker {
  /** `undefined` where there is none. One DescribeEndpoint. */
  endpoint(name: string): Promise<Endpoint | undefined>
  /** The tags of an endpoint that is there. */
  tags(name: string): Promise<Tags>
  /**
   * Makes a model. One of this name that is the same is fine.
   *
   * @throws {Refused} `name-taken` by another one, `limit-exceeded`, `sagemaker-refused`
   */
  createModel(model: ModelSpec): Promise<void>
  /** Makes an endpoint configuration; otherwise as {@link createModel}. */
  createConfig(config: ConfigSpec): Promise<void>
  /** @throws {Refused} `limit-exceeded`, `sagemaker-refused` */
  createEndpoint(name: string, config: string, tags: Tags): Promise<Sent>
  /** Of one in service. @throws {Refused} `limit-exceeded`, `sagemaker-refused` */
  updateEndpoint(name: string, config: string, guard: Guard): Promise<Sent>
  deleteEndpoint(name: string): Promise<Sent | 'absent'>
  /** Gone already is fine. */
  deleteConfig(name: string): Promise<void>
  deleteModel(name: string): Promise<void>
  /** One request to the model. `status`: the container's, 2xx where it answered well. */
  invoke(endpoint: string, body: string): Promise<{ readonly status: number; readonly body: string }>
  /** Makes the variant scale between `min` and `max`, or not at all where they are equal. */
  scale(endpoint: string, compute: Instances): Promise<void>
}

/**
 * - `busy`: something is under way with the endpoint, and this was not begun.
 * - `no-config`: SageMaker does not know the configuration, or its model, yet, or not any more.
 */
export type Sent = 'sent' | 'busy' | 'no-config'

export type Tags = Readonly<Record<string, string>>

/** DescribeEndpoint's EndpointStatus. */
export type EndpointStatus =
  | 'OutOfService'
  | 'Creating'
  | 'Updating'
  | 'SystemUpdating'
  | 'RollingBack'
  | 'InService'
  | 'Deleting'
  | 'Failed'
  | 'UpdateRollbackFailed'

export interface Endpoint {
  readonly status: EndpointStatus
  /** The configuration that serves; while it is created, the one that will. */
  readonly config: string
  /** The configuration that is about to take over. */
  readonly pending?: string
  /** Why it failed, or why an update was taken back. */
  readonly failure?: string
  /** ms since the epoch. */
  readonly modified: number
}

/** The one variant of each of our endpoints: guardrails, autoscaling and alarms need a name that never changes. */
export const VARIANT = 'AllTraffic'

export interface ModelSpec {
  readonly name: string
  readonly image: string
  /** A folder of uncompressed artifacts, or a `model.tar.gz`. */
  readonly data: { readonly kind: 'prefix' | 'package'; readonly location: Location }
  readonly environment: Readonly<Record<string, string>>
  readonly role: string
  readonly tags: Tags
}

export interface ConfigSpec {
  readonly name: string
  readonly model: string
  readonly compute: Instances | Serverless
  readonly capture?: { readonly to: Location; readonly sample: number }
  readonly tags: Tags
}

/** How traffic moves to a new fleet, and what takes it back. Absent for serverless, which has no guardrails. */
export interface Guard {
  readonly rollout?: {
    readonly kind: 'all-at-once' | 'canary' | 'linear' | 'rolling'
    readonly percent?: number
    /** ms. */
    readonly bake: number
  }
  /** CloudWatch alarms: when one fires, SageMaker rolls back. */
  readonly alarms: readonly string[]
  /** Keep the instance counts of the moment. */
  readonly retainCapacity: boolean
}
