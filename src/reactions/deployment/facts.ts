import type { FactsOf } from '../../core/facts.ts'
import type { deploymentFacts } from './fact-schemas.ts'

/** What the deployment reaction publishes. Types only: `fact-schemas.ts` needs zod. */
export type DeploymentFact = FactsOf<typeof deploymentFacts>
