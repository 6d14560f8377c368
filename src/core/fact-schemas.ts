import * as z from 'zod/mini'

/**
 * What Landfall publishes on its bus, for its own reactions and for anyone: a row per detail type. `schemas/events/` is
 * made from these, and a test says so when it is stale. Facts are published at least once, and may come in any order.
 */
const tableChanged = z.object({
  lake: z.string(),
  table: z.string(),
  /** `s3://bucket/prefix`. */
  location: z.string(),
  format: z.string(),
  /** The version that was seen to be there; later ones may be too. */
  version: z.int().check(z.nonnegative()),
})

const reactionRefused = z.object({
  lake: z.string(),
  /** `table/flights`. */
  subject: z.string(),
  reaction: z.string(),
  /** The version that an event had named, or else the last one done; -1 for none. */
  version: z.int(),
  code: z.string(),
  reason: z.string(),
  advice: z.optional(z.string()),
})

const run = {
  lake: z.string(),
  /** `table/flights`. */
  subject: z.string(),
  reaction: z.string(),
  /** The run took the versions after this one … */
  after: z.int(),
  /** … up to and with this one. */
  version: z.int(),
  attempt: z.int(),
  /** The outside system's id of the run. */
  externalId: z.string(),
}
const runSucceeded = z.object(run)
const runFailed = z.object({ ...run, reason: z.string() })

/** A version of a registered model, on its way to an endpoint. */
const model = {
  lake: z.string(),
  /** SageMaker's name of it; the subject is `endpoint/` and this. */
  endpoint: z.string(),
  /** Its name in the registry. */
  model: z.string(),
  /** The registry's number of the version, as text. */
  version: z.string(),
}
const modelPromoted = z.object({
  ...model,
  /** By its name in lake.yml. */
  registry: z.string(),
})
const endpointDeployed = z.object({
  ...model,
  /** The endpoint configuration that is in service. */
  config: z.string(),
  /** From the look that found the promotion to the look that found it in service and answering, in ms. */
  took: z.int(),
})
const endpointRolledBack = z.object({
  ...model,
  /** The endpoint configuration that did not work out, or was taken back. */
  config: z.string(),
  reason: z.string(),
  /** What serves now; absent where nothing does. */
  serving: z.optional(z.object({ config: z.string(), version: z.optional(z.string()) })),
})

export const facts = {
  'Table Changed': tableChanged,
  'Reaction Refused': reactionRefused,
  'Run Succeeded': runSucceeded,
  'Run Failed': runFailed,
  'Model Promoted': modelPromoted,
  'Endpoint Deployed': endpointDeployed,
  'Endpoint Rolled Back': endpointRolledBack,
} as const
