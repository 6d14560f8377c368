import type { Cursor } from '../../core/ledger.ts'
import type { Outcome, Reaction } from '../../core/reaction.ts'
import type { Table } from '../../lake/lake.ts'
import { subjectTable } from '../../lake/subjects.ts'
import { decide, type ObservedVersions, type Publish } from './decide.ts'
import type { AnnouncePorts } from './ports.ts'
import type { Position, VersionSource } from './versions.ts'

/** Publishes one fact for every version of a table, in order. docs/reactions/announce.md. */
export function announceReaction(ports: AnnouncePorts): Reaction<ObservedVersions, Publish> {
  return {
    name: 'announce',
    async observe(wake, cursor) {
      const table = subjectTable(wake.subject, ports.tables)
      return table?.announce === true ? observe(table, cursor, ports) : undefined
    },
    decide,
    act: (action) => publish(action, ports),
  }
}

/** Reads on from the cursor, whatever version an event named, so that a lost or late event leaves no gap. */
async function observe(table: Table, cursor: Cursor, ports: AnnouncePorts): Promise<ObservedVersions | undefined> {
  const source = ports.versionsOf(table)
  const position = await positionOf(cursor, source)
  const backlog = position && (await source.read(position))
  const last = backlog?.versions.at(-1)
  if (backlog === undefined || last === undefined) return undefined
  const { version, committed } = last.reached
  return { version, committed, table, lake: ports.lake, ...backlog }
}

/** `done` is 0 only before the first fact. `landfall replay` keeps it, and reading starts from where it sets the cursor. */
async function positionOf({ version, done, state }: Cursor, source: VersionSource): Promise<Position | undefined> {
  return version < 0 && done === 0 ? source.begin() : { after: version, state }
}

/** After a failure, the cursor moves only to the last version before it; the rest is retried. */
async function publish({ facts, before }: Publish, { bus }: AnnouncePorts): Promise<Outcome> {
  let reached = before
  try {
    const failures = await bus.publish(facts.map(({ fact }) => fact))
    for (const [at, { reached: next }] of facts.entries()) {
      const failure = failures[at]
      if (failure !== undefined) throw failure
      reached = next
    }
    return { kind: 'done' }
  } catch (cause) {
    if (reached === undefined) throw cause
    return { kind: 'partial', reached, cause }
  }
}
