import * as z from 'zod/mini'

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

/** What the deployment reaction publishes: a row per detail type. */
export const deploymentFacts = {
  'Model Promoted': modelPromoted,
  'Endpoint Deployed': endpointDeployed,
  'Endpoint Rolled Back': endpointRolledBack,
} as const
