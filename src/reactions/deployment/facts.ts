import type { FactsOf } from '../../core/facts.ts'
import type { deploymentFacts } from './fact-schemas.ts'

/** The facts that the deployment reaction publishes. Types only, without zod. */
export type DeploymentFact = FactsOf<typeof deploymentFacts>
