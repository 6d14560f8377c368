import type { Decision, Observation, Progress } from '../../core/reaction.ts'
import { locationUri, type Table } from '../../lake/lake.ts'
import type { AnnounceFact, CommitSummary } from './facts.ts'
import { jsonBytes, LARGEST_FACT } from './fit.ts'
import type { AnnouncedVersion } from './versions.ts'

/** The versions that are not announced yet, or the first of them. */
export interface ObservedVersions extends Observation {
  readonly table: Table
  readonly lake: string
  readonly versions: readonly AnnouncedVersion[]
  readonly more: boolean
}

/** One call of the bus. */
export interface Publish {
  /** In the order of their versions. */
  readonly facts: readonly { readonly fact: AnnounceFact; readonly reached: Progress }[]
  /** How far the actions before this one came; absent for the first. */
  readonly before?: Progress
}

/** PutEvents takes ten entries, and 256 kB in all of them (EventBridge API reference, "PutEvents"). */
const ENTRIES = 10

export function decide({ table, lake, versions, more }: ObservedVersions): Decision<Publish> {
  const all = versions.map(({ summary, reached }) => ({ fact: factOf(lake, table, summary), reached }))
  return { actions: batched(all), state: versions.at(-1)?.reached.state, more }
}

export function factOf(lake: string, { name, location, format }: Table, summary: CommitSummary): AnnounceFact {
  return {
    type: 'Table Committed',
    detail: { lake, table: name, location: locationUri(location), format, ...summary },
  }
}

function batched(all: Publish['facts']): Publish[] {
  const batches: Publish[] = []
  let [from, bytes] = [0, 0]
  for (const [at, { fact }] of all.entries()) {
    const size = jsonBytes(fact.detail)
    if (at > from && (at - from === ENTRIES || bytes + size > LARGEST_FACT)) {
      batches.push(batch(all, from, at))
      ;[from, bytes] = [at, 0]
    }
    bytes += size
  }
  return from < all.length ? [...batches, batch(all, from, all.length)] : batches
}

function batch(all: Publish['facts'], from: number, to: number): Publish {
  return { facts: all.slice(from, to), before: all[from - 1]?.reached }
}
