import * as z from 'zod/mini'

/** A version of a registered model that is deployed to an endpoint. */
const model = {
  lake: z.string(),
  /** Its name in SageMaker; the subject is `endpoint/` and this name. */
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
  /** Milliseconds from the decision to deploy until it was found in service and answering. */
  took: z.int(),
})
const endpointRolledBack = z.object({
  ...model,
  /** The endpoint configuration that failed, or that an operator went back from. */
  config: z.string(),
  reason: z.string(),
  /** What serves now; absent if nothing does. */
  serving: z.optional(z.object({ config: z.string(), version: z.optional(z.string()) })),
})

/** The facts that the deployment reaction publishes, by detail type. */
export const deploymentFacts = {
  'Model Promoted': modelPromoted,
  'Endpoint Deployed': endpointDeployed,
  'Endpoint Rolled Back': endpointRolledBack,
} as const
