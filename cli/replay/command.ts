import type { Table } from '../../src/lake/lake.ts'
import { endpointSubject, tableSubject } from '../../src/lake/subjects.ts'
import { reactionsOfTable } from '../../src/reactions/index.ts'
import { help, readArguments, wholeNumber } from '../arguments.ts'
import { type Command, type ExitCode, type Io, UsageError } from '../command.ts'
import { wake } from '../deployed.ts'
import { onDeployed } from '../lake.ts'
import { waitingOn } from '../progress.ts'
import { command as rollback } from '../rollback/command.ts'
import { tableOf } from '../subjects.ts'
import { list, versions } from '../text.ts'
import { beginning, type Replayed, rewindCursor } from './replay.ts'

export const command: Command = {
  summary: 'reprocesses a table from version N and clears stuck runs',
  usage: `landfall replay TABLE --from N [FILE] [--reaction R] [--wait SECONDS]
    [--stage STAGE] [--json]

  TABLE           name of the table in lake.yml
  --from N        first version to reprocess; 0 for the whole table
${help.file}
  --reaction R    reset this reaction only (default: all of the table)
  --wait SECONDS  how long to wait for a run in progress (default: do not wait)
${help.stage}
${help.json}

Resets the cursors, clears refusals and failed runs, and triggers the reactions
with a full comparison. A job runs again on the files of these versions. Safe to
repeat. Exits with 1 when a run is in progress, or the versions are not
available. For endpoint/NAME it does what landfall rollback NAME --undo does.

  landfall replay uploads --from 17 --reaction job --stage prod`,

  async run(args, io) {
    const options = readArguments(args, {
      operands: ['TABLE'],
      options: { from: { type: 'string' }, reaction: { type: 'string' }, wait: { type: 'string' } },
    })
    const given = options.operands[0]!
    if (given.startsWith(endpointSubject(''))) return undoRollback(given, args, options.options, io)
    const { from: first } = options.options
    if (first === undefined)
      throw new UsageError('--from N is missing: the first version to reprocess, or 0 for the whole table')
    const from = wholeNumber('--from', first)
    const wait = 1_000 * wholeNumber('--wait', options.options['wait'] ?? '0')
    return onDeployed(options, io, async (deployed) => {
      const table = tableOf(deployed.lake, given)
      const subject = tableSubject(table.name)
      const reactions = chosen(table, options.options['reaction'] as string | undefined)
      const begin = await beginning(table.name, deployed.logOf(table), from)
      if ('problem' in begin) {
        io.err(`landfall replay: ${begin.problem}`)
        if (begin.advice !== undefined) io.err(`  ${begin.advice}`)
        return 1
      }
      const replayed: Replayed[] = []
      for (const reaction of reactions)
        replayed.push(
          await rewindCursor({ subject, reaction }, { from, ...begin }, deployed.ledger, wait, waitingOn(io)),
        )
      const triggered = replayed.filter(({ outcome }) => outcome !== 'running').map(({ reaction }) => reaction)
      await wake(deployed, subject, triggered)
      if (options.json)
        io.out(JSON.stringify({ table: table.name, from, newest: begin.newest, reactions: replayed }, undefined, 2))
      else for (const each of replayed) for (const line of textOf(each, table.name, from, begin.newest)) io.out(line)
      return triggered.length === reactions.length ? 0 : 1
    })
  },
}

/** An endpoint has no versions to reprocess: it deploys what is promoted. */
function undoRollback(
  endpoint: string,
  args: readonly string[],
  { from, reaction }: Readonly<Record<string, unknown>>,
  io: Io,
): Promise<ExitCode> {
  if (from === undefined && reaction === undefined) return rollback.run([...args, '--undo'], io)
  throw new UsageError(`--from and --reaction do not apply to ${endpoint}`)
}

function chosen(table: Table, reaction: string | undefined): string[] {
  const all: string[] = reactionsOfTable(table)
  if (reaction === undefined && all.length > 0) return all
  if (reaction !== undefined && all.includes(reaction)) return [reaction]
  const found = reaction === undefined ? 'no reactions' : `no reaction '${reaction}'`
  throw new UsageError(`table ${table.name} has ${found} in lake.yml; it has ${list(all)}`)
}

function textOf({ reaction, outcome, version, why }: Replayed, table: string, from: number, newest: number): string[] {
  switch (outcome) {
    case 'replays':
      return [`${table}: ${reaction} triggered; reprocessing ${versions(from, newest)}`]
    case 'behind':
      return [
        `${table}: ${reaction} triggered; it continues with version ${version + 1}, before version ${from}`,
        ...(why === undefined
          ? []
          : [`  It is refused: ${why}`, `  To clear the refusal: landfall replay ${table} --from ${version + 1}`]),
      ]
    case 'running':
      return [
        `${table}: ${reaction} not reset: ${why}`,
        '  Wait for its end with --wait SECONDS, or cancel the run; then try again.',
      ]
  }
}
