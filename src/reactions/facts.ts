import { coreFacts } from '../core/fact-schemas.ts'
import type { FactsOf } from '../core/facts.ts'
import { announceFacts } from './announce/fact-schemas.ts'
import { deploymentFacts } from './deployment/fact-schemas.ts'

/** The schemas of all facts that Landfall publishes on its bus, by detail type. */
export const facts = { ...coreFacts, ...announceFacts, ...deploymentFacts } as const

export type FactType = keyof typeof facts

/** Any of Landfall's facts: a union by type. */
export type PublishedFact = FactsOf<typeof facts>
