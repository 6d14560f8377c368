import type { EpochMs, Milliseconds } from '../../core/time.ts'
import type { Registry } from '../../registry/ports.ts'
import type { Location } from '../../lake/lake.ts'
import type { Capture, Instances, Model, Serverless } from './settings.ts'

export interface DeploymentPorts {
  readonly lake: string
  /** The prefix of all names that the lake deploys. */
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
  /** A digest of the text: no two texts share one. */
  digest(text: string): string
  now(): EpochMs
}

/**
 * Amazon SageMaker. Adapter: `aws/sagemaker.ts`. One suite runs on the twin and on the stand-in. SageMaker has no client tokens
 * for these calls (API reference), so names are made from content, and a second call finds the first one's work.
 */
export interface SageMaker {
  /** `undefined` if there is none. One DescribeEndpoint. */
  endpoint(name: string): Promise<Endpoint | undefined>
  /** The tags of an existing endpoint. */
  tags(name: string): Promise<Tags>
  /**
   * Creates a model. If an equal one exists already, that is fine.
   *
   * @throws {Refused} `name-taken` if a different one exists, `limit-exceeded`, `sagemaker-refused`
   */
  createModel(model: ModelSpec): Promise<void>
  /** Creates an endpoint configuration; otherwise as {@link createModel}. */
  createConfig(config: ConfigSpec): Promise<void>
  /** @throws {Refused} `limit-exceeded`, `sagemaker-refused` */
  createEndpoint(name: string, config: string, tags: Tags): Promise<Sent>
  /** Of an endpoint in service. @throws {Refused} `limit-exceeded`, `sagemaker-refused` */
  updateEndpoint(name: string, config: string, guard: Guard): Promise<Sent>
  deleteEndpoint(name: string): Promise<Sent | 'absent'>
  /** Fine if it does not exist. */
  deleteConfig(name: string): Promise<void>
  deleteModel(name: string): Promise<void>
  /** One request to the model. `status` is the container's. */
  invoke(endpoint: string, body: string): Promise<{ readonly status: number; readonly body: string }>
  /** Sets autoscaling between `min` and `max`, or removes it if they are equal. */
  scale(endpoint: string, compute: Instances): Promise<void>
}

/**
 * - `busy`: the endpoint is being changed, and this call did nothing.
 * - `no-config`: SageMaker does not know the configuration or its model: not yet, or not any more.
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
  /** The configuration that serves, or will serve once the endpoint is created. */
  readonly config: string
  /** The configuration that the endpoint is being updated to. */
  readonly pending?: string
  /** Why it failed, or why an update was rolled back. */
  readonly failure?: string
  readonly modified: EpochMs
}

/** The only variant of each endpoint. Guardrails, autoscaling and alarms need a name that never changes. */
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
  readonly capture?: Capture
  readonly tags: Tags
}

/** How traffic moves to a new fleet, and what rolls it back. Serverless endpoints have no guardrails. */
export interface Guard {
  readonly rollout?: {
    readonly kind: 'all-at-once' | 'canary' | 'linear' | 'rolling'
    readonly percent?: number
    readonly bake: Milliseconds
  }
  /** Names of CloudWatch alarms: when one fires, SageMaker rolls back. */
  readonly alarms: readonly string[]
  /** Keeps the current instance counts. */
  readonly retainCapacity: boolean
}

/** CloudWatch alarms on the fleet of one endpoint configuration. Adapter: `aws/alarms.ts`. */
export interface Alarms {
  /** Creates or updates them. */
  put(alarms: readonly AlarmSpec[]): Promise<void>
  /** Fine if it does not exist. */
  remove(names: readonly string[]): Promise<void>
}

/**
 * Fires when `metric` is above `limit` for a minute, on the fleet of `config` only (CloudWatch metrics of SageMaker, dimension
 * EndpointConfigName). Missing data does not fire it.
 */
export interface AlarmSpec {
  readonly name: string
  readonly endpoint: string
  readonly config: string
  readonly metric: AlarmMetric
  readonly limit: number
}

/**
 * - `errors`: Invocation5XXErrors, `rejected`: Invocation4XXErrors; averages, so shares from 0 to 1.
 * - `latency`: ModelLatency, p99, in microseconds.
 */
export const alarmMetrics = ['errors', 'rejected', 'latency'] as const
export type AlarmMetric = (typeof alarmMetrics)[number]

/** A model's files in S3. Adapter: `aws/artifacts.ts`. */
export interface Artifacts {
  /**
   * Checks a model's folder before anything is made from it.
   *
   * @throws {Refused} `no-artifacts` (no files, or no MLmodel), `not-pyfunc` (no flavor python_function), `bad-artifacts`
   * (too many files, or keys that cannot be file names; if `uncompressed`, also what else SageMaker's S3Prefix rejects)
   */
  inspect(folder: Location, uncompressed: boolean): Promise<Inspected>
  /**
   * Makes a `model.tar.gz` of a folder in constant memory. An existing one with the same content is kept. `too-slow` if it
   * takes longer than a function may run: then nothing is left of it.
   */
  pack(folder: Location, to: Location): Promise<'packed' | 'too-slow'>
  /** Fine if it does not exist. */
  removePackage(at: Location): Promise<void>
}

export interface Inspected {
  /** The MLflow version that logged the model, from its MLmodel: `3.17.2`. Very old models have none; `servingVersion` refuses those. */
  readonly mlflowVersion?: string
  readonly files: number
  readonly bytes: number
}

/** The container images that serve models. Adapter, with ECR and CodeBuild: `aws/images.ts`. */
export interface Images {
  /**
   * The image for models that this MLflow version logged. If it is missing, one build is started, however many callers ask.
   *
   * @throws {Refused} `image-build-failed` if its last build failed; `no-image` if nothing can build it
   */
  find(mlflowVersion: string): Promise<Image>
}

type Image =
  | { readonly kind: 'ready'; readonly uri: string }
  /** `build`: CodeBuild's id. */
  | { readonly kind: 'building'; readonly build: string }
