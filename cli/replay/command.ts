import { reactionsOfTable } from '../../src/reactions/index.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Table } from '../../src/lake/lake.ts'
import { endpointSubject } from '../../src/lake/subjects.ts'
import { readArguments, wholeNumber } from '../arguments.ts'
import { type Command, type ExitCode, type Io, UsageError } from '../command.ts'
import { list, tableOf, wake } from '../deployed.ts'
import { onDeployed } from '../lake.ts'
import { progressOn } from '../progress.ts'
import { command as rollback } from '../rollback/command.ts'
import { beginning, type Replayed, rewindCursor } from './replay.ts'

export const command: Command = {
  summary: 'lets reactions take a table’s versions again, and lifts what is stuck',
  usage: `landfall replay TABLE --from N [FILE] [--reaction R] [--wait SECONDS] [--stage STAGE] [--json]

  TABLE           its name in lake.yml. Of endpoint/NAME there are no versions: as landfall rollback NAME --undo
  --from N        the first version to take again; 0 for the whole table
  FILE            the lake; lake.yml without it
  --reaction R    of this reaction alone; of all that the table has without it
  --wait SECONDS  how long to wait for the end of a run that is under way; not at all without it
  --stage STAGE   which deployment of it; dev without it, local for the one that npm start runs
  --json          one JSON document

Sets the cursors back, forgets refusals and failed runs, and wakes the reactions, which then look at everything anew. A job
runs again on the files of these versions. Safe to repeat. Exits with 1 when a run is under way, or versions are not there.

  landfall replay uploads --from 17 --reaction job --stage prod`,

  async run(args, io) {
    const options = readArguments(args, {
      operands: ['TABLE'],
      options: { from: { type: 'string' }, reaction: { type: 'string' }, wait: { type: 'string' } },
    })
    const given = options.operands[0]!
    if (given.startsWith(endpointSubject(''))) return undoing(given, args, options.options, io)
    const { from: first } = options.options
    if (first === undefined)
      throw new UsageError('--from N is missing: the first version to take again, or 0 for the whole table')
    const from = wholeNumber('--from', first)
    const wait = 1_000 * wholeNumber('--wait', options.options['wait'] ?? '0')
    return onDeployed(options, io, async (deployed) => {
      const table = tableOf(deployed.lake, given)
      const reactions = chosen(table, options.options['reaction'] as string | undefined)
      const begin = await beginning(table.name, deployed.logOf(table), from)
      if ('problem' in begin) {
        io.err(`landfall replay: ${begin.problem}`)
        return 1
      }
      const waiting = { now: Date.now, sleep: (ms: number) => sleep(ms), progress: progressOn(io, Date.now) }
      const replayed: Replayed[] = []
      for (const reaction of reactions) {
        const key = { subject: `table/${table.name}`, reaction }
        replayed.push(await rewindCursor(key, { from, ...begin }, deployed.ledger, wait, waiting))
      }
      const woken = replayed.filter(({ outcome }) => outcome !== 'running').map(({ reaction }) => reaction)
      await wake(deployed, `table/${table.name}`, woken)
      if (options.json)
        io.out(JSON.stringify({ table: table.name, from, newest: begin.newest, reactions: replayed }, undefined, 2))
      else for (const each of replayed) io.out(textOf(each, table.name, from, begin.newest))
      return woken.length === reactions.length ? 0 : 1
    })
  },
}

/** What an endpoint takes again is what the registry says. */
function undoing(
  endpoint: string,
  args: readonly string[],
  { from, reaction }: Readonly<Record<string, unknown>>,
  io: Io,
): Promise<ExitCode> {
  if (from === undefined && reaction === undefined) return rollback.run([...args, '--undo'], io)
  throw new UsageError(
    `${endpoint} has no versions to take again, and one reaction: neither --from nor --reaction is its`,
  )
}

function chosen(table: Table, reaction: string | undefined): string[] {
  const all: string[] = reactionsOfTable(table)
  if (reaction === undefined && all.length > 0) return all
  if (reaction !== undefined && all.includes(reaction)) return [reaction]
  const found = reaction === undefined ? 'no reactions' : `no reaction '${reaction}'`
  throw new UsageError(`table ${table.name} has ${found} in lake.yml; it has ${list(all)}`)
}

function textOf({ reaction, outcome, version, why }: Replayed, table: string, from: number, newest: number): string {
  switch (outcome) {
    case 'replays':
      return `${table}: ${reaction} is woken, and takes the versions ${from} to ${newest} again`
    case 'behind':
      return [
        `${table}: ${reaction} has come to version ${version} only, and is woken to take the rest`,
        ...(why === undefined ? [] : [`  it is refused: ${why}`, `  to lift that: --from ${version + 1}`]),
      ].join('\n')
    case 'running':
      return [
        `${table}: ${reaction} is not set back: ${why} is under way`,
        `  Wait for its end (--wait SECONDS), or end it there; then ask again.`,
      ].join('\n')
  }
}
