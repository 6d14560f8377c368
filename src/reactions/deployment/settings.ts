/** From a model as it is declared, and found valid, to what the rest of Landfall sees. */
import { parseDuration } from '../../lake/duration.ts'
import type { EndpointSettings, Instances, Model, Promote, Rollout, Serverless } from '../../lake/lake.ts'
import { parseLocation } from '../../lake/location.ts'
import { parseMemory, percentOf } from './model-names.ts'
import type * as z from 'zod'
import type { modelSchema } from './schema.ts'

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
    ...(capture && { capture: { to: parseLocation(capture.to)!, sample: percentIn(capture.sample, defaults.sample) } }),
    keep,
    ...(smoke && { smoke }),
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
