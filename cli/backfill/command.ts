import { reactionsOfTable } from '../../src/reactions/index.ts'
import { eventbridge } from '../../src/aws/clients.ts'
import { eventBridgeBus } from '../../src/aws/bus.ts'
import { dynamoLandingLog } from '../../src/tables/aws/landing-log.ts'
import { s3TableObjects } from '../../src/tables/aws/table-objects.ts'
import { publishOne } from '../../src/core/bus.ts'
import type { Table } from '../../src/lake/lake.ts'
import { tableChanged } from '../../src/intake/s3/s3-intake.ts'
import { type Repaired, repair } from '../../src/tables/landing/repair.ts'
import { readArguments } from '../arguments.ts'
import { doneText, progressText } from './text.ts'
import type { Command, ExitCode, Io } from '../command.ts'
import { type Deployed, list, tableOf, wake } from '../deployed.ts'
import { onDeployed } from '../lake.ts'
import { progressOn } from '../progress.ts'

export const command: Command = {
  summary: 'takes the objects that a table of files has already into its log',
  usage: `landfall backfill TABLE [FILE] [--stage STAGE] [--json]

  TABLE          its name in lake.yml
  FILE           the lake; lake.yml without it
  --stage STAGE  which deployment of it; dev without it, local for the one that npm start runs
  --json         one JSON document

Lists the table's objects, compares them with its landing log and appends what that lacks; then its reactions are woken. What
lands meanwhile is taken in as ever. Ctrl-C ends it where it is; called again, it goes on from there. A Delta table has a log
of its own: its reactions are woken, and that is all.

  landfall backfill uploads --stage prod`,

  async run(args, io) {
    const options = readArguments(args, { operands: ['TABLE'] })
    return onDeployed(options, io, async (deployed) => {
      const table = tableOf(deployed.lake, options.operands[0]!)
      if (table.format !== 'delta') return backfill(deployed, table, options.json, io)
      const reactions = reactionsOfTable(table)
      await wake(deployed, `table/${table.name}`, reactions)
      if (options.json)
        io.out(JSON.stringify({ table: table.name, format: table.format, woken: reactions }, undefined, 2))
      else io.out(`${table.name} is a Delta table, whose log needs no backfill; woken: ${list(reactions)}`)
      return 0
    })
  },
}

async function backfill({ lake, called, clients }: Deployed, table: Table, json: boolean, io: Io): Promise<ExitCode> {
  const store = dynamoLandingLog(clients.dynamodb, called.ledger)
  const begun = await store.mark(table.name)
  if (begun !== undefined) io.err(`${table.name}: an earlier comparison goes on after ${begun}`)
  const ports = { store, objects: s3TableObjects(clients.s3, table.location), now: Date.now }
  const repaired = await untilInterrupted(
    (stop) => follow(io, (progress) => repair(ports, table.name, { keys: Infinity, stop, progress })),
    io,
  )
  const newest = await store.newest(table.name)
  // Also when nothing was added: who was broken off before may not have told of what it had added.
  if (newest >= 0) await publish(lake.name, called.bus, table, newest)
  const done = repaired.after === undefined
  // As everywhere: what has no version yet has none, not -1.
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

/** The first Ctrl-C lets `work` end at a place where it can go on; the second is as hard as ever. */
async function untilInterrupted<Answer>(work: (stop: () => boolean) => Promise<Answer>, io: Io): Promise<Answer> {
  let isStopped = false
  const stop = (): void => {
    isStopped = true
    io.err('stops after what it is at; Ctrl-C again ends it at once')
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
