import { isLocal } from '../../src/lake/stage.ts'
import { useLocalEndpoint } from '../../local/cloud/endpoint.ts'
import { Refused } from '../../src/core/refused.ts'
import { type Lake, locationUri, type Table } from '../../src/lake/lake.ts'
import { deltaVersions } from '../../src/reactions/announce/delta-versions.ts'
import type { CommitDetail, CommitSummary } from '../../src/reactions/announce/facts.ts'
import type { VersionSource } from '../../src/reactions/announce/versions.ts'
import { help, type LakeArguments, readArguments, wholeNumber } from '../arguments.ts'
import { type Command, type ExitCode, type Io, UsageError } from '../command.ts'
import { loadLake, onDeployed } from '../lake.ts'
import { progressOn } from '../progress.ts'
import { tableOf } from '../subjects.ts'
import { storeAt, unread } from '../table-store.ts'
import { type Reading, readVersions } from './read.ts'
import { HEADING, linesOf } from './text.ts'

export const command: Command = {
  summary: 'prints what each version of a table changed',
  usage: `landfall events TABLE [FILE] [--from N] [--to N] [--follow]
    [--stage STAGE] [--json]

  TABLE           name of the table in lake.yml, or location of a Delta table:
                  s3://bucket/prefix, a path (./flights) or a file:// URL
${help.file}
  --from N        first version (default: the oldest in the log)
  --to N          last version (default: the newest)
  --follow        wait for new versions, until Ctrl-C
${help.stage}
  --json          print JSON, a line for each version: what announce publishes

Reads the table's log. For a Delta table nothing has to be deployed; a table of
files has its log in the deployed lake. In the text, ? is what the log does not
say, and ~ counts files whose deletion vector changed. Exits with 1 when there
is no table, or a version cannot be read.

  landfall events flights --from 40 --json`,

  async run(args, io) {
    const options = parse(args)
    const { table: given } = options
    if (!/^(table\/)?[\w-]+$/.test(given)) return atLocation(given, options, io)
    const lake = await loadLake(options.file, options.stage, io)
    if (lake === undefined) return 1
    const table = tableOf(lake, given)
    return table.format === 'delta' ? ofDelta(table, lake, options, io) : ofFiles(table, options, io)
  },
}

interface Options extends LakeArguments {
  readonly table: string
  readonly reading: Omit<Reading, 'every'>
  readonly isFollowing: boolean
}

function parse(args: readonly string[]): Options {
  const accepted = { from: { type: 'string' }, to: { type: 'string' }, follow: { type: 'boolean' } } as const
  const given = readArguments(args, { operands: ['TABLE'], options: accepted })
  const number = (name: 'from' | 'to') => {
    const text = given.options[name]
    return text === undefined ? undefined : wholeNumber(`--${name}`, text)
  }
  const [from, to] = [number('from'), number('to')]
  if (from !== undefined && to !== undefined && from > to) throw new UsageError(`--from ${from} is after --to ${to}`)
  const { operands, file, stage, json } = given
  return {
    table: operands[0]!,
    file,
    stage,
    json,
    reading: { from, to },
    isFollowing: given.options['follow'] === true,
  }
}

/** What a fact says beside its version. */
type Whose = Partial<Pick<CommitDetail, 'lake' | 'table'>> & Pick<CommitDetail, 'location' | 'format'>

async function atLocation(location: string, options: Options, io: Io): Promise<ExitCode> {
  if (options.file !== undefined) throw new UsageError(`a location needs no lake file, but there is '${options.file}'`)
  if (options.stage !== undefined && isLocal(options.stage)) await useLocalEndpoint()
  const store = await storeAt(location)
  return printed(deltaVersions(store), { location: store.location, format: 'delta' }, options, io)
}

async function ofDelta(table: Table, lake: Lake, options: Options, io: Io): Promise<ExitCode> {
  if (isLocal(lake.stage)) await useLocalEndpoint()
  const store = await storeAt(locationUri(table.location))
  return printed(deltaVersions(store), whose(table, lake), options, io)
}

function ofFiles(table: Table, options: Options, io: Io): Promise<ExitCode> {
  return onDeployed(options, io, async ({ lake, clients, called }) => {
    const { tableVersions } = await import('../../src/reactions/announce/aws/table-versions.ts')
    const source = tableVersions(clients.s3, clients.dynamodb, called.ledger)(table)
    return printed(source, whose(table, lake), options, io)
  })
}

function whose({ name, location, format }: Table, lake: Lake): Whose {
  return { lake: lake.name, table: name, location: locationUri(location), format }
}

/** How often `--follow` looks for new versions, in ms. */
const EVERY = 2_000

async function printed(source: VersionSource, of: Whose, options: Options, io: Io): Promise<ExitCode> {
  const progress = progressOn(io, Date.now)
  const reading: Reading = {
    ...options.reading,
    // Ctrl-C ends the process.
    ...(options.isFollowing && { follow: new AbortController().signal }),
    every: EVERY,
    progress: (version) => void (!options.isFollowing && version >= 0 && progress(`read up to version ${version}`)),
  }
  const print = printer(of, options.json, io)
  let count = 0
  try {
    for await (const summary of readVersions(source, reading)) {
      print(summary)
      count += 1
    }
    if (count > 0 || options.isFollowing) return 0
    return await nothing(source, of, options, io)
  } catch (error) {
    if (error instanceof Refused || of.format !== 'delta') throw error
    throw unread(of, error)
  }
}

/** For scripts, that there is nothing new is no failure; that there is no table is one. */
async function nothing(source: VersionSource, { location }: Whose, options: Options, io: Io): Promise<ExitCode> {
  if ((await source.begin()) === undefined) {
    io.err(`landfall events: there is no table at ${location}, or no version of it yet.`)
    return 1
  }
  io.err(`landfall events: the log has no commit of version ${options.reading.from ?? 0} or later.`)
  return 0
}

function printer(of: Whose, json: boolean, io: Io): (summary: CommitSummary) => void {
  if (json) return (summary) => io.out(JSON.stringify({ ...of, ...summary }))
  let isFirst = true
  return (summary) => {
    if (isFirst) io.out(HEADING)
    isFirst = false
    for (const line of linesOf(summary, io.width)) io.out(line)
  }
}
