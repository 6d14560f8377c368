import type { FactsOf } from '../../core/facts.ts'
import type { announceFacts } from './fact-schemas.ts'

/** What the announce reaction publishes. Types only: `fact-schemas.ts` needs zod. */
export type AnnounceFact = FactsOf<typeof announceFacts>

export type CommitDetail = AnnounceFact['detail']

/** What a log says of one version: all of the fact but whose table it is. */
export type CommitSummary = Omit<CommitDetail, 'lake' | 'table' | 'location' | 'format'>

export type SchemaDifference = NonNullable<CommitDetail['schema']>
export type PropertyDifference = NonNullable<CommitDetail['properties']>
export type ProtocolDifference = NonNullable<CommitDetail['protocol']>

/** The first of a list that may be too long for a fact, and how many there are in all. */
export interface Capped<Item> {
  count: number
  first: Item[]
}

/** How many items of a list a fact names. */
export const LISTED = 100

export function capped<Item>(items: readonly Item[]): Capped<Item> {
  return { count: items.length, first: items.slice(0, LISTED) }
}
