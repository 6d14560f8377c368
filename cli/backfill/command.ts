import { eventbridge } from '../../src/aws/clients.ts'
import { eventBridgeBus } from '../../src/aws/bus.ts'
import { dynamoLandingLog } from '../../src/tables/aws/landing-log.ts'
import { s3TableObjects } from '../../src/tables/aws/table-objects.ts'
import { publishOne } from '../../src/core/bus.ts'
import type { Table } from '../../src/lake/lake.ts'
import { tableSubject } from '../../src/lake/subjects.ts'
import { reactionsOfTable } from '../../src/reactions/index.ts'
import { tableChanged } from '../../src/intake/s3/s3-intake.ts'
import { type Repaired, repair } from '../../src/tables/landing/repair.ts'
import { help, readArguments } from '../arguments.ts'
import type { Command, ExitCode, Io } from '../command.ts'
import { type Deployed, wake } from '../deployed.ts'
import { onDeployed } from '../lake.ts'
import { progressOn } from '../progress.ts'
import { tableOf } from '../subjects.ts'
import { list } from '../text.ts'
import { doneText, progressText } from './text.ts'

export const command: Command = {
  summary: 'imports files that were already in the bucket',
  usage: `landfall backfill TABLE [FILE] [--stage STAGE] [--json]

  TABLE           name of the table in lake.yml
${help.file}
${help.stage}
${help.json}

Lists the table's objects, adds those that its landing log lacks, and triggers
its reactions. New objects are received as usual in the meantime. Ctrl-C stops
it; run it again to continue. A Delta table has a log of its own: only its
reactions are triggered.

  landfall backfill uploads --stage prod`,

  async run(args, io) {
    const options = readArguments(args, { operands: ['TABLE'] })
    return onDeployed(options, io, async (deployed) => {
      const table = tableOf(deployed.lake, options.operands[0]!)
      if (table.format !== 'delta') return backfill(deployed, table, options.json, io)
      const reactions = reactionsOfTable(table)
      await wake(deployed, tableSubject(table.name), reactions)
      if (options.json)
        io.out(JSON.stringify({ table: table.name, format: table.format, woken: reactions }, undefined, 2))
      else io.out(`${table.name}: a Delta table needs no backfill; triggered: ${list(reactions)}`)
      return 0
    })
  },
}

async function backfill({ lake, called, clients }: Deployed, table: Table, json: boolean, io: Io): Promise<ExitCode> {
  const store = dynamoLandingLog(clients.dynamodb, called.ledger)
  const last = await store.mark(table.name)
  if (last !== undefined) io.err(`${table.name}: continuing an earlier run after ${last}`)
  const ports = { store, objects: s3TableObjects(clients.s3, table.location), now: Date.now }
  const repaired = await untilInterrupted(
    (stop) => follow(io, (progress) => repair(ports, table.name, { keys: Infinity, stop, progress })),
    io,
  )
  const newest = await store.newest(table.name)
  // Also when nothing was added: an interrupted run may not have published what it had added.
  if (newest >= 0) await publish(lake.name, called.bus, table, newest)
  const done = repaired.after === undefined
  // As in all documents: no version yet is null, not -1.
  const known = (version: number) => (version < 0 ? null : version)
  const versions = { version: known(repaired.version), newest: known(newest) }
  const answer = { table: table.name, format: table.format, ...repaired, ...versions, done }
  if (json) io.out(JSON.stringify(answer, undefined, 2))
  else for (const line of doneText(table.name, repaired, newest, lake.stage)) io.out(line)
  return done ? 0 : 1
}

function follow(io: Io, work: (progress: (soFar: Repaired) => void) => Promise<Repaired>): Promise<Repaired> {
  const started = Date.now()
  const progress = progressOn(io, Date.now)
  return work((soFar) => progress(progressText(soFar, Date.now() - started, io.width)))
}

/** The first Ctrl-C lets `work` stop where it can continue later; the second ends the process. */
async function untilInterrupted<Answer>(work: (stop: () => boolean) => Promise<Answer>, io: Io): Promise<Answer> {
  let isStopped = false
  const stop = (): void => {
    isStopped = true
    io.err('Stopping after the current step; press Ctrl-C again to stop at once')
  }
  process.once('SIGINT', stop)
  try {
    return await work(() => isStopped)
  } finally {
    process.off('SIGINT', stop)
  }
}

async function publish(lake: string, bus: string, table: Table, version: number): Promise<void> {
  const client = eventbridge()
  try {
    await publishOne(eventBridgeBus(client, bus), tableChanged(lake, table, version))
  } finally {
    client.destroy()
  }
}
