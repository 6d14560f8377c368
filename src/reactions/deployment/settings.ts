/** From a model as declared in a valid lake.yml to what the rest of Landfall uses. */
import type { Milliseconds } from '../../core/time.ts'
import type { Location } from '../../lake/lake.ts'
import { parseDuration } from '../../lake/duration.ts'
import type { Promote } from '../../registry/settings.ts'
import { parseLocation } from '../../lake/location.ts'
import { captured, parseMemory, percentOf } from './model-names.ts'
import type * as z from 'zod'
import type { modelSchema } from './schema.ts'

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
type Rollout =
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
  /** Content types that are stored as JSON, sorted; SageMaker stores every other type in base64. */
  readonly json: readonly string[]
  /** Content types that are stored as CSV, sorted. */
  readonly csv: readonly string[]
}

/** A request that the endpoint has to answer as expected before a deployment counts as done. */
export interface Smoke {
  /** JSON, sent unchanged. */
  readonly request: unknown
  /** The form of the answer: `{ predictions: [number] }`. See `src/reactions/deployment/response-match.ts`. */
  readonly expect?: unknown
}

type DeclaredModel = z.infer<typeof modelSchema>
type DeclaredEndpoint = DeclaredModel['endpoint']

/** Defaults, also documented in docs/lake.md. */
const defaults = { bake: 300_000, errors: 5, sample: 100, keep: 3 } as const

export function modelSettings(name: string, declared: DeclaredModel): Model {
  const { registry, model, promote, image, role, environment = {}, endpoint } = declared
  return {
    name,
    registry,
    registered: model ?? name,
    promote: promoteOf(promote),
    ...(image !== undefined && { image }),
    ...(role !== undefined && { role }),
    environment,
    ...(declared.package !== undefined && { package: parseLocation(declared.package)! }),
    endpoint: endpointOf(endpoint),
  }
}

function promoteOf({ alias, stage, tag }: DeclaredModel['promote']): Promote {
  if (alias !== undefined) return { alias }
  return stage === undefined ? { tag: tag! } : { stage }
}

function endpointOf(declared: DeclaredEndpoint): EndpointSettings {
  const { name, alarms, capture, smoke, keep = defaults.keep } = declared
  const compute = computeOf(declared)
  return {
    name,
    compute,
    // Serverless endpoints have no guardrails: nothing is watched.
    rollout: compute.kind === 'serverless' ? { kind: 'all-at-once', bake: 0 } : rolloutOf(declared.rollout),
    alarms: {
      errors: percentIn(alarms?.errors, defaults.errors),
      ...(alarms?.rejected !== undefined && { rejected: percentOf(alarms.rejected)! }),
      ...(alarms?.latency !== undefined && { latency: parseDuration(alarms.latency)! }),
    },
    ...(capture && { capture: captureOf(capture) }),
    keep,
    ...(smoke && { smoke }),
  }
}

/** The types are sorted: their order is part of the configuration's name, and must not cause a deployment. */
function captureOf({ to, sample, json = [], csv = [] }: NonNullable<DeclaredEndpoint['capture']>): Capture {
  return {
    to: parseLocation(to)!,
    sample: percentIn(sample, defaults.sample),
    json: [...new Set([captured.json, ...json])].toSorted(),
    csv: [...new Set([captured.csv, ...csv])].toSorted(),
  }
}

function computeOf({ instance, instances = 1, serverless }: DeclaredEndpoint): Instances | Serverless {
  if (serverless !== undefined) return { kind: 'serverless', ...serverless, memory: parseMemory(serverless.memory)! }
  const range = typeof instances === 'number' ? { min: instances, max: instances } : instances
  return { kind: 'instances', type: instance!, ...range }
}

function rolloutOf({ bake: declared, ...kinds }: NonNullable<DeclaredEndpoint['rollout']> = {}): Rollout {
  const bake = declared === undefined ? defaults.bake : parseDuration(declared)!
  for (const kind of ['canary', 'linear', 'rolling'] as const) {
    const percent = kinds[kind]
    if (percent !== undefined) return { kind, percent: percentOf(percent)!, bake }
  }
  return { kind: 'all-at-once', bake }
}

function percentIn(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : percentOf(text)!
}
