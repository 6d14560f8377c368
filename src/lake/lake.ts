/**
 * The lake as the rest of Landfall sees it: lake.yml read and checked, with placeholders and the stage's overrides resolved.
 * It leaves out what this version does not implement: `reactions/declaration/not-implemented.ts`.
 */
import type { Milliseconds } from '../core/time.ts'

export interface Lake {
  readonly name: string
  readonly stage: string
  /** By their name in lake.yml. */
  readonly buckets: Readonly<Record<string, Bucket>>
  /** By their name in lake.yml, which is also part of their subjects. */
  readonly tables: Readonly<Record<string, Table>>
  readonly databricks?: DatabricksSettings
  /** By their name in lake.yml. */
  readonly models: Readonly<Record<string, Model>>
  /** By their name in lake.yml, which is also part of the path of their webhooks. */
  readonly registries: Readonly<Record<string, RegistrySettings>>
}

export interface Bucket {
  /** The S3 bucket's name. */
  readonly name: string
  /** True: the bucket exists already, and Landfall only turns on its EventBridge notifications. False: Landfall creates it. */
  readonly existing: boolean
}

/** The formats of tables of files. */
export const fileFormats = ['parquet', 'json', 'csv', 'avro'] as const

export type FileFormat = (typeof fileFormats)[number]
type TableFormat = 'delta' | FileFormat

export interface Table {
  readonly name: string
  readonly location: Location
  readonly format: TableFormat
  /** The partition columns of a table of files, in the order of its folders. Empty for a Delta table: its log defines them. */
  readonly partitions: readonly string[]
  /** Types of the partition columns that are not strings. */
  readonly partitionTypes?: Readonly<Record<string, PartitionType>>
  /** For folders that are not in Hive style: `{dt}/{hour}`. */
  readonly partitionPattern?: string
  readonly catalog?: CatalogSettings
  readonly job?: JobSettings
  /** True: a fact is published for each of its versions. */
  readonly announce?: boolean
}

export interface Location {
  readonly bucket: string
  /** No slash at either end; empty for a whole bucket. */
  readonly prefix: string
}

/** Where the table's record in the Glue Data Catalog is. */
export interface CatalogSettings {
  readonly database: string
  /** The table's name in Glue: lower case. */
  readonly table: string
  /** What happens to files whose columns differ from the table's. For tables of files only. Absent: evolve. */
  readonly drift?: Drift
  /** By partition column. For tables of files whose partitions Athena computes, so that none are registered. */
  readonly projection?: Readonly<Record<string, Projection>>
}

/** The types that a partition column may be declared as. */
export const partitionTypes = ['string', 'int', 'bigint', 'date'] as const
export type PartitionType = (typeof partitionTypes)[number]

/**
 * - `evolve`: columns are added and types widened; no column is removed.
 * - `strict`: such files are refused.
 * - `rescue`: the table keeps its columns, and the differences are recorded.
 */
export const drifts = ['evolve', 'strict', 'rescue'] as const
export type Drift = (typeof drifts)[number]

export const projectionTypes = ['enum', 'integer', 'date', 'injected'] as const

/** A column of Athena's partition projection, in Athena's terms (Athena user guide, "Supported types for partition projection"). */
export interface Projection {
  readonly type: (typeof projectionTypes)[number]
  /** For integer and date: `2020-01-01,NOW`. */
  readonly range?: string
  /** For date: a Java date format. */
  readonly format?: string
  /** For enum. */
  readonly values?: readonly string[]
  readonly interval?: number
  /** For date: `DAYS`, …. */
  readonly unit?: string
  /** For integer: how many digits it is padded to. */
  readonly digits?: number
}

/** The Databricks job that a table's new data starts: at once, or as soon as one of the three limits is reached. */
export interface JobSettings {
  readonly name: string
  /** The job's id in Databricks. */
  readonly id: number
  /** Start when no file has landed for this long. */
  readonly quiet?: Milliseconds
  readonly files?: number
  readonly bytes?: number
}

/** The Databricks workspace. `secret` is the name of the secret in Secrets Manager with its credentials. */
export interface DatabricksSettings {
  /** `https://…`, without a trailing slash. */
  readonly host: string
  readonly secret: string
}

/** A registered model that an endpoint serves. The subject is its endpoint: `endpoint/delay`. */
export interface Model {
  readonly name: string
  /** By its name in lake.yml. */
  readonly registry: string
  /** The model's name in the registry, which may have spaces, slashes and 255 characters; in Unity Catalog `catalog.schema.model`. */
  readonly registered: string
  /** How the registry marks the version to serve. */
  readonly promote: Promote
  readonly endpoint: EndpointSettings
  /** The container in ECR. Absent: MLflow's own, for the MLflow version that logged the model; built if it is missing. */
  readonly image?: string
  /** ARN of an execution role of the user's. Absent: Landfall creates one for this model. */
  readonly role?: string
  /** Environment variables of the container. */
  readonly environment: Readonly<Record<string, string>>
  /** Where `model.tar.gz` is written. Absent: the model is served from the registry's artifacts, uncompressed. */
  readonly package?: Location
}

export type Promote =
  | { readonly alias: string }
  | { readonly stage: string }
  /** Serves the highest version that has this tag with this value. */
  | { readonly tag: { readonly key: string; readonly value: string } }

export interface EndpointSettings {
  /** In SageMaker. Unique in a lake, ignoring case. */
  readonly name: string
  readonly compute: Instances | Serverless
  readonly rollout: Rollout
  /** Limits at which SageMaker rolls a new version back while traffic moves. For instances only. */
  readonly alarms: AlarmLimits
  readonly capture?: Capture
  /** How many past deployments stay ready for a rollback. */
  readonly keep: number
  readonly smoke?: Smoke
}

export interface Instances {
  readonly kind: 'instances'
  readonly type: string
  /** How many there are at first, and at least. */
  readonly min: number
  /** Equal to `min`: no autoscaling. */
  readonly max: number
  /** Invocations per instance and minute that autoscaling aims at. Present if `max` is above `min`. */
  readonly invocations?: number
}

export interface Serverless {
  readonly kind: 'serverless'
  /** In MB: 1024 to 6144 in steps of 1024. */
  readonly memory: number
  /** 1 to 200. */
  readonly concurrency: number
  /** At most `concurrency`. */
  readonly provisioned?: number
}

/**
 * How a new version takes over, in terms of SageMaker's deployment guardrails. `bake`: how long it is watched after each step.
 * `percent`: the share of the capacity that the canary, a linear step or a rolling batch has.
 */
export type Rollout =
  | { readonly kind: 'all-at-once'; readonly bake: Milliseconds }
  | { readonly kind: 'canary' | 'linear' | 'rolling'; readonly percent: number; readonly bake: Milliseconds }

interface AlarmLimits {
  /** Percentage of invocations answered with 5xx. */
  readonly errors: number
  /** Percentage of invocations answered with 4xx: MLflow answers 400 if the model's own code raises. */
  readonly rejected?: number
  /** p99 of the model's latency. */
  readonly latency?: Milliseconds
}

/** SageMaker's data capture: it stores requests and responses. */
export interface Capture {
  readonly to: Location
  /** Percentage of the requests. */
  readonly sample: number
}

/** A request that the endpoint has to answer as expected before a deployment counts as done. */
export interface Smoke {
  /** JSON, sent unchanged. */
  readonly request: unknown
  /** The form of the answer: `{ predictions: [number] }`. See `src/reactions/deployment/response-match.ts`. */
  readonly expect?: unknown
}

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

/** `s3://bucket/prefix`, without a trailing slash. */
export function locationUri({ bucket, prefix }: Location): string {
  return prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`
}

/** The beginning of every key in a location: `prefix/`, or empty for a whole bucket. */
export function keyPrefix({ prefix }: Pick<Location, 'prefix'>): string {
  return prefix === '' ? '' : `${prefix}/`
}
