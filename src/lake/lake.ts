/**
 * A lake as the rest of Landfall sees it: `lake.yml` read, checked, its references and its stage's overrides resolved. It
 * holds what this version carries out; the rest of what lake.yml may declare is in `built.ts`.
 */

export interface Lake {
  readonly name: string
  readonly stage: string
  /** By their name in lake.yml. */
  readonly buckets: Readonly<Record<string, Bucket>>
  /** By their name in lake.yml, which is also the subject's. */
  readonly tables: Readonly<Record<string, Table>>
  readonly databricks?: DatabricksSettings
  /** By their name in lake.yml. */
  readonly models: Readonly<Record<string, Model>>
  /** By their name in lake.yml, which is also part of the path that their webhooks deliver to. */
  readonly registries: Readonly<Record<string, RegistrySettings>>
}

export interface Bucket {
  /** The S3 bucket's name. */
  readonly name: string
  /** True: it is there already, and Landfall only switches its EventBridge notifications on. False: Landfall makes it. */
  readonly existing: boolean
}

/** The formats of tables of files. */
export const fileFormats = ['parquet', 'json', 'csv', 'avro'] as const

export type FileFormat = (typeof fileFormats)[number]
export type TableFormat = 'delta' | FileFormat

export interface Table {
  readonly name: string
  readonly location: Location
  readonly format: TableFormat
  /** The partition columns of a table of files, in the order of its folders; a Delta table says its own. */
  readonly partitions: readonly string[]
  /** Of the partition columns that are no strings. */
  readonly partitionTypes?: Readonly<Record<string, PartitionType>>
  /** How folders that are not Hive's spell the partition columns: `{dt}/{hour}`. */
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
  /** What becomes of files whose columns are others than the table's. Of a table of files; absent: evolve. */
  readonly drift?: Drift
  /** Of a table of files whose partitions are computed rather than registered, by their column. */
  readonly projection?: Readonly<Record<string, Projection>>
}

/** The types that a partition column may be declared as. */
export const partitionTypes = ['string', 'int', 'bigint', 'date'] as const
export type PartitionType = (typeof partitionTypes)[number]

/**
 * - `evolve`: columns are added and types widened, never taken away.
 * - `strict`: such files are refused.
 * - `rescue`: the columns stay, and what is not among them is noted.
 */
export const drifts = ['evolve', 'strict', 'rescue'] as const
export type Drift = (typeof drifts)[number]

export const projectionTypes = ['enum', 'integer', 'date', 'injected'] as const

/** One column of Athena's partition projection, by its own names (Athena user guide, "Supported types for partition projection"). */
export interface Projection {
  readonly type: (typeof projectionTypes)[number]
  /** `2020-01-01,NOW`; of integer and date. */
  readonly range?: string
  /** A Java date format; of date. */
  readonly format?: string
  /** Of enum. */
  readonly values?: readonly string[]
  readonly interval?: number
  /** `DAYS`, …; of date. */
  readonly unit?: string
  /** How many digits an integer is padded to. */
  readonly digits?: number
}

/** The Databricks job that a table's new data starts. With none of the three limits it starts at once. */
export interface JobSettings {
  readonly name: string
  /** Databricks' id of it. */
  readonly id: number
  /** Start once nothing has landed for so long, in ms. */
  readonly quiet?: number
  readonly files?: number
  readonly bytes?: number
}

/** The Databricks workspace, and the secret in Secrets Manager with its credentials. */
export interface DatabricksSettings {
  /** `https://…`, without a slash at the end. */
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
  /** What marks the version to serve. */
  readonly promote: Promote
  readonly endpoint: EndpointSettings
  /** The container in ECR; absent: MLflow's own for the MLflow version that logged the model, built where it is missing. */
  readonly image?: string
  /** ARN of an execution role of the user's; absent: Landfall makes one for this model. */
  readonly role?: string
  /** For the container. */
  readonly environment: Readonly<Record<string, string>>
  /** Where `model.tar.gz` goes. Absent: the artifacts are served from where the registry has them, uncompressed. */
  readonly package?: Location
}

export type Promote =
  | { readonly alias: string }
  | { readonly stage: string }
  /** The highest version that has this tag with this value. */
  | { readonly tag: { readonly key: string; readonly value: string } }

export interface EndpointSettings {
  /** SageMaker's; no two models of a lake have the same, in any case of letters. */
  readonly name: string
  readonly compute: Instances | Serverless
  readonly rollout: Rollout
  /** What makes SageMaker take a new version back while traffic moves. Of instances only. */
  readonly alarms: AlarmLimits
  readonly capture?: Capture
  /** How many past deployments stay ready for a rollback. */
  readonly keep: number
  readonly smoke?: Smoke
}

export interface Instances {
  readonly kind: 'instances'
  readonly type: string
  /** How many there are at first; autoscaled from here to `max`. */
  readonly min: number
  /** Equal to `min`: no autoscaling. */
  readonly max: number
  /** Invocations per instance and minute that autoscaling aims at; there where `max` is above `min`. */
  readonly invocations?: number
}

export interface Serverless {
  readonly kind: 'serverless'
  /** MB: 1024 to 6144 in steps of 1024. */
  readonly memory: number
  /** 1 to 200. */
  readonly concurrency: number
  /** At most `concurrency`. */
  readonly provisioned?: number
}

/**
 * How a new version takes over, by SageMaker's deployment guardrails. `bake` in ms: how long it is watched after each step.
 * `percent` of the capacity: of the canary, of a linear step, of a rolling batch.
 */
export type Rollout =
  | { readonly kind: 'all-at-once'; readonly bake: number }
  | { readonly kind: 'canary' | 'linear' | 'rolling'; readonly percent: number; readonly bake: number }

export interface AlarmLimits {
  /** Share of invocations answered with 5xx, in per cent. */
  readonly errors: number
  /** Share of invocations answered with 4xx, in per cent: MLflow answers 400 where the model's own code raises. */
  readonly rejected?: number
  /** p99 of the model's latency, in ms. */
  readonly latency?: number
}

/** What of the traffic SageMaker keeps (its data capture). */
export interface Capture {
  readonly to: Location
  /** Per cent of the requests. */
  readonly sample: number
}

/** One request whose answer has to have a shape, before a deployment counts. */
export interface Smoke {
  /** JSON, sent as it is. */
  readonly request: unknown
  /** What the answer has to look like: `{ predictions: [number] }`. See `src/reactions/deployment/response-match.ts`. */
  readonly expect?: unknown
}

export type RegistrySettings = MlflowRegistry | SageMakerRegistry | DatabricksRegistry

interface AnyRegistry {
  /** `https://…`, without a slash at the end. */
  readonly host: string
  /** Where the artifacts of its models lie; `mlflow-artifacts:` addresses are mapped to it, and rights are given on it. */
  readonly artifacts: Location
}

/** An MLflow server of one's own. */
export interface MlflowRegistry extends AnyRegistry {
  readonly kind: 'mlflow'
  /** Secret with its credentials, and with those that its webhooks sign with: docs/reactions/deployment.md. */
  readonly secret: string
}

/** MLflow as SageMaker runs it: asked with the function's own role, and its news comes over EventBridge. */
export interface SageMakerRegistry extends AnyRegistry {
  readonly kind: 'sagemaker'
  /** ARN of the tracking server, or of the MLflow App. */
  readonly server: string
}

/** Whether SageMaker runs it as an MLflow App, which has a right of its own and no events, and not as a tracking server. */
export function isMlflowApp({ server }: Pick<SageMakerRegistry, 'server'>): boolean {
  return server.includes(':mlflow-app/')
}

/** The registry of the Databricks workspace in `databricks`, or Unity Catalog, which has no webhooks. */
export interface DatabricksRegistry extends AnyRegistry {
  readonly kind: 'databricks' | 'unity-catalog'
  /** That of `databricks`. */
  readonly secret: string
}

export type RegistryWithWebhooks = MlflowRegistry | (DatabricksRegistry & { readonly kind: 'databricks' })

/** Unity Catalog has no webhooks, and MLflow as SageMaker runs it sends its events over EventBridge. */
export function hasWebhooks(registry: RegistrySettings): registry is RegistryWithWebhooks {
  return registry.kind === 'mlflow' || registry.kind === 'databricks'
}

/** `s3://bucket/prefix`, without a slash at the end. */
export function locationUri({ bucket, prefix }: Location): string {
  return prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`
}

/** What the keys of all objects in a location begin with: `prefix/`, or nothing for a whole bucket. */
export function keyPrefix({ prefix }: Pick<Location, 'prefix'>): string {
  return prefix === '' ? '' : `${prefix}/`
}
