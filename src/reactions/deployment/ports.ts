import type { Registry } from '../../registry/ports.ts'
import type { Instances, Location, Model, Serverless } from '../../lake/lake.ts'

export interface DeploymentPorts {
  readonly lake: string
  /** What the names of all that the lake deploys begin with. */
  readonly stack: string
  /** By their names in lake.yml. */
  readonly models: Readonly<Record<string, Model>>
  registryOf(model: Model): Registry
  /** ARN of the role that the model's container runs as. */
  roleOf(model: Model): string
  readonly sagemaker: SageMaker
  readonly artifacts: Artifacts
  readonly images: Images
  readonly alarms: Alarms
  /** A digest; equal for equal texts only. */
  digest(text: string): string
  /** ms since the epoch. */
  now(): number
}

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

/** CloudWatch alarms on the fleet of one endpoint configuration. Adapter: `src/reactions/deployment/aws/alarms.ts`; twin: `test/reactions/deployment/alarms.twin.ts`. */
export interface Alarms {
  /** Makes them or, where they are there, sets them so. */
  put(alarms: readonly AlarmSpec[]): Promise<void>
  /** Gone already is fine. */
  remove(names: readonly string[]): Promise<void>
}

/**
 * Fires when `metric` of the variant, of the fleet of `config` alone, is above `limit` for a minute (CloudWatch metrics of
 * SageMaker, dimension EndpointConfigName). Silence is no alarm.
 */
export interface AlarmSpec {
  readonly name: string
  readonly endpoint: string
  readonly config: string
  readonly metric: AlarmMetric
  readonly limit: number
}

/**
 * - `errors`: Invocation5XXErrors, `rejected`: Invocation4XXErrors; average, hence a share from 0 to 1.
 * - `latency`: ModelLatency, p99, in microseconds.
 */
export const alarmMetrics = ['errors', 'rejected', 'latency'] as const
export type AlarmMetric = (typeof alarmMetrics)[number]

/** A model's files in S3. The adapter is in `src/reactions/deployment/aws/artifacts.ts`, the twin in `test/reactions/deployment/artifacts.twin.ts`. */
export interface Artifacts {
  /**
   * Looks at a model's folder before anything is made of it.
   *
   * @throws {Refused} `no-artifacts` (no files, or no MLmodel), `not-pyfunc` (no flavor python_function), `bad-artifacts`
   * (too many files, or names that cannot be files; where `uncompressed`, also what else SageMaker's S3Prefix does not take)
   */
  inspect(folder: Location, uncompressed: boolean): Promise<Inspected>
  /**
   * Makes a `model.tar.gz` of a folder, with constant memory. One that is there already with the same content is left as
   * it is. Answers when it is whole, or `too-slow` where that takes longer than its maker lives: then nothing is left of it.
   */
  pack(folder: Location, to: Location): Promise<'packed' | 'too-slow'>
  /** Gone already is fine. */
  removePackage(at: Location): Promise<void>
}

export interface Inspected {
  /** That logged the model, as its MLmodel says: `3.17.2`. Very old ones say none; `servingVersion` in `mlmodel.ts` refuses those. */
  readonly mlflowVersion?: string
  readonly files: number
  readonly bytes: number
}

/** The container that serves a model. The adapter (ECR, CodeBuild) is in `src/reactions/deployment/aws/images.ts`, the twin in `test/reactions/deployment/images.twin.ts`. */
export interface Images {
  /**
   * MLflow's container for models that this version of MLflow logged. Where it is missing, a build of it is started, once,
   * whoever asks meanwhile.
   *
   * @throws {Refused} `image-build-failed` where the last build of it failed; `no-image` where nothing can build it
   */
  find(mlflowVersion: string): Promise<Image>
}

export type Image =
  | { readonly kind: 'ready'; readonly uri: string }
  /** `build`: CodeBuild's id of it. */
  | { readonly kind: 'building'; readonly build: string }
