import { isLocal } from '../../src/lake/stage.ts'
import { useLocalEndpoint } from '../../local/cloud/endpoint.ts'
import { RefusedTable } from '../../src/tables/delta/refused.ts'
import { readSnapshot } from '../../src/tables/delta/snapshot.ts'
import type { TableStore } from '../../src/tables/store.ts'
import { help, readArguments, wholeNumber } from '../arguments.ts'
import { type Command, type ExitCode, type Io, UsageError } from '../command.ts'
import { storeAt, unread } from '../table-store.ts'
import { documentOf, refusedDocumentOf, type TableDocument } from './document.ts'
import { describeTable } from './text.ts'

export const command: Command = {
  summary: 'shows a Delta table: version, schema, features, files',
  usage: `landfall table LOCATION [--version N] [--files] [--stage STAGE] [--json]

  LOCATION        folder that contains _delta_log: s3://bucket/prefix, a path or
                  a file:// URL
  --version N     version to show (default: the newest)
  --files         list the live files too
  --stage STAGE   local: read S3 of the running npm start; others have no effect
${help.json}

S3 is accessed with the usual settings of the AWS SDK (AWS_PROFILE, AWS_REGION,
AWS_ENDPOINT_URL, …). Row counts exclude rows that deletion vectors hide. Exits
with 1 when the table cannot be read, and says why.

  landfall table s3://flights-lake/silver/flights --json`,

  async run(args, io) {
    const options = parse(args)
    if (options.isLocal) await useLocalEndpoint()
    const store = await storeAt(options.location)
    try {
      const snapshot = await readSnapshot(store, options.version)
      print(io, options, documentOf(snapshot, options.files), store)
      return 0
    } catch (error) {
      if (!(error instanceof RefusedTable)) throw unread(store, error)
      return refuse(io, options, error, store)
    }
  },
}

const LINES_AT_ONCE = 1000

interface Options {
  readonly location: string
  readonly version: number | undefined
  readonly files: boolean
  /** Read from the emulator's S3. */
  readonly isLocal: boolean
  readonly json: boolean
}

function parse(args: readonly string[]): Options {
  const accepted = { version: { type: 'string' }, files: { type: 'boolean' } } as const
  const { operands, options, file, stage, json } = readArguments(args, { operands: ['LOCATION'], options: accepted })
  if (file !== undefined) throw new UsageError(`unexpected argument '${file}'`)
  const { version, files } = options
  return {
    location: operands[0] ?? '',
    version: version === undefined ? undefined : wholeNumber('--version', version),
    files: files === true,
    isLocal: stage !== undefined && isLocal(stage),
    json,
  }
}

function refuse(io: Io, options: Options, refusal: RefusedTable, store: TableStore): ExitCode {
  io.err(`landfall table: ${refusal.message}`)
  if (refusal.detail.advice !== undefined) io.err(`  ${refusal.detail.advice}`)
  const document = refusedDocumentOf(refusal)
  if (options.json || refusal.known.protocol !== undefined) print(io, options, document, store)
  return 1
}

function print(io: Io, options: Options, document: TableDocument, store: TableStore): void {
  if (options.json) printJson(io, document)
  else for (const line of describeTable(document, store.location, io.width)) io.out(line)
}

/** One line for each file: a million of them in one string would exceed the longest string that V8 allows. */
function printJson(io: Io, { liveFiles, ...document }: TableDocument): void {
  const json = JSON.stringify(document, undefined, 2)
  if (liveFiles === undefined) return io.out(json)
  io.out(`${json.slice(0, -'\n}'.length)},\n  "liveFiles": [`)
  let lines: string[] = []
  let comma = ''
  for (const file of liveFiles) {
    lines.push(`${comma}    ${JSON.stringify(file)}`)
    comma = ',\n'
    if (lines.length < LINES_AT_ONCE) continue
    io.out(lines.join(''))
    lines = []
    comma = ','
  }
  io.out(`${lines.join('')}\n  ]\n}`)
}
