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

/** Always what comes next in the log, whatever an event named: a lost or late event leaves no gap. */
async function observe(table: Table, cursor: Cursor, ports: AnnouncePorts): Promise<ObservedVersions | undefined> {
  const source = ports.versionsOf(table)
  const position = await positionOf(cursor, source)
  const backlog = position && (await source.read(position))
  const last = backlog?.versions.at(-1)
  if (backlog === undefined || last === undefined) return undefined
  const { version, committed } = last.reached
  return { version, committed, table, lake: ports.lake, ...backlog }
}

/** A cursor that was set back has been done with something before, and goes on from where it was set. */
async function positionOf({ version, done, state }: Cursor, source: VersionSource): Promise<Position | undefined> {
  return version < 0 && done === 0 ? source.begin() : { after: version, state }
}

/** Only as far as every version before is published too; the rest is tried again. */
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
