import type { Table } from '../../lake/lake.ts'
import type { Cursor, Run } from '../../core/ledger.ts'
import type { FileEntry } from '../../tables/change.ts'
import { Held, sizeOfFile } from '../../tables/delta/held.ts'
import type { NewFiles, TableLog } from '../../tables/log.ts'
import type { LongReaction, Pace, Started } from '../../core/reaction.ts'
import { subjectTable } from '../../lake/subjects.ts'
import { decide, type NewData } from './decide.ts'
import { inlineParameters, manifestOf, manifestParameters } from './parameters.ts'
import type { JobPorts } from './ports.ts'

const jobPace: Pace = { lease: 120_000, poll: 60_000, backOff: 30_000, attempts: 5 }

/** Starts a Databricks job with exactly what is new in a table. docs/reactions/job.md. */
export function jobReaction(ports: JobPorts, pace: Pace = jobPace): LongReaction<NewData> {
  return {
    name: 'job',
    pace,
    observe: (wake, cursor) => observe(subjectTable(wake.subject, ports.tables), cursor, ports),
    decide,
    start: (run, cursor) => start(run, cursor, ports),
    status: ({ externalId = '' }) => ports.databricks.run(externalId),
  }
}

/** Always up to the newest version: the one an event names may be outdated, and `quiet` counts from the newest. */
async function observe(table: Table | undefined, cursor: Cursor, ports: JobPorts): Promise<NewData | undefined> {
  if (table?.job === undefined) return undefined
  const log = ports.logOf(table)
  const newest = await log.newest(cursor.version)
  if (newest <= cursor.version) return undefined
  const { version, timestamp, files } = await newFiles(log, cursor.version, newest)
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  return { settings: table.job, version, committed: timestamp, files: files.length, bytes }
}

/** Everything that is live, if the log no longer goes back to the cursor. */
async function newFiles(log: TableLog, after: number, version: number): Promise<NewFiles> {
  const logged = await log.newFiles(after, version)
  if (logged !== undefined) return logged
  const live = await log.live(version)
  const files: FileEntry[] = []
  const held = new Held()
  for await (const file of live.files) {
    held.add(sizeOfFile(file))
    files.push(file)
  }
  return { version: live.version, timestamp: live.timestamp, files }
}

async function start(run: Run, cursor: Cursor, ports: JobPorts): Promise<Started> {
  const table = subjectTable(cursor.subject, ports.tables)
  if (table?.job === undefined)
    throw new Error(`${cursor.subject} has no job in this deployment, although a run was claimed for it`)
  const { files } = await newFiles(ports.logOf(table), cursor.version, run.version)
  const manifest = manifestOf(table, run, cursor.version, files)
  const parameters =
    inlineParameters(manifest) ?? manifestParameters(manifest, await ports.putManifest(table, run.token, manifest))
  const { runId } = await ports.databricks.runNow({ jobId: table.job.id, token: run.token, parameters })
  return { kind: 'started', externalId: runId }
}
