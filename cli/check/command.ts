import { readFile } from 'node:fs/promises'
import { readArguments } from '../arguments.ts'
import type { Command, ExitCode, Io } from '../command.ts'
import { columns, counted } from '../text.ts'
import { type Lake, locationUri, type Model, type Table } from '../../src/lake/lake.ts'
import { inOrder, problemLines } from '../../src/lake/problem-text.ts'
import { activeReactions, subjectsOf } from '../../src/reactions/index.ts'
import { parts } from '../../src/reactions/declaration/parts.ts'
import { resolveLake, resolveStages } from '../../src/reactions/declaration/resolve.ts'

export const command: Command = {
  summary: 'says everything that is wrong with a lake.yml',
  usage: `landfall check [FILE] [--stage STAGE] [--json]

  FILE            the lake to check; lake.yml if left out
  --stage STAGE   check it as this stage sees it; all its stages if left out
  --json          one list of {file, line, column, path, expected, found, message, suggestion, severity}

Exits with 0 when the lake is sound (warnings may be), with 1 when it is not, with 2 when FILE cannot be read.

  landfall check lakes/flights.yml --stage prod`,
  run,
}

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const { file = 'lake.yml', stage, json } = readArguments(args)
  const text = await read(file)
  const resolved = stage === undefined ? resolveStages(text, file) : resolveLake(text, file, stage)
  const problems = 'problems' in resolved ? resolved.problems : []
  const all = inOrder([...problems, ...resolved.warnings])
  if (json) io.out(JSON.stringify(all, undefined, 2))
  else {
    for (const line of problemLines(all, text, io.width)) io.out(line)
    if ('lake' in resolved) summarize(resolved.lake, file, resolved.warnings.length, io)
    else
      io.err(
        `${file}: ${counted(problems.length, 'problem')}${resolved.warnings.length === 0 ? '' : `, ${counted(resolved.warnings.length, 'warning')}`}`,
      )
  }
  return problems.length === 0 ? 0 : 1
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Error(`cannot read ${file}`, { cause })
  }
}

/** At most so many of a kind are named, so that the summary stays on one screen. */
const shown = 12

function summarize(lake: Lake, file: string, warnings: number, io: Io): void {
  const buckets = Object.entries(lake.buckets)
  const tables = Object.values(lake.tables)
  const models = Object.values(lake.models)
  const registries = Object.entries(lake.registries)
  const parts = [
    counted(buckets.length, 'bucket'),
    counted(tables.length, 'table'),
    ...(models.length === 0 ? [] : [counted(models.length, 'model')]),
    ...(warnings === 0 ? [] : [counted(warnings, 'warning')]),
  ]
  io.out(`${file} is sound: lake ${lake.name}, stage ${lake.stage}, ${parts.join(', ')}`)
  say(
    'bucket',
    buckets.map(([name, bucket]) => [name, `s3://${bucket.name}`, bucket.existing ? 'existing' : 'made by Landfall']),
    io,
  )
  say('table', tables.map(tableRow), io)
  say('model', models.map(modelRow), io)
  say(
    'registry',
    registries.map(([name, { kind, host, artifacts }]) => [name, kind, host, `artifacts ${locationUri(artifacts)}`]),
    io,
    'registries',
  )
  io.out(`  reactions: ${reactionsText(lake)}`)
}

function tableRow(table: Table): string[] {
  const { name, format, location } = table
  return [name, format, locationUri(location), ...parts.flatMap(({ describe }) => describe?.(table) ?? [])]
}

function modelRow({ name, registered, registry, promote, endpoint }: Model): string[] {
  const mark = 'tag' in promote ? `tag ${promote.tag.key}=${promote.tag.value}` : Object.entries(promote)[0]!.join(' ')
  const { compute } = endpoint
  const on =
    compute.kind === 'serverless'
      ? `serverless, ${compute.memory} MB`
      : `${compute.type} × ${compute.min}${compute.max === compute.min ? '' : `-${compute.max}`}`
  return [name, `${registered} of ${registry}, ${mark}`, `endpoint ${endpoint.name}`, on]
}

function reactionsText(lake: Lake): string {
  const active = activeReactions(lake).map((name) => {
    const subjects = subjectsOf(name, lake)
    return `${name} on ${counted(subjects.length, subjects[0]!.replace(/\/.*/, ''))}`
  })
  return active.length === 0 ? 'none' : active.join(', ')
}

/** One line each, of at most so many. */
function say(what: string, rows: readonly (readonly string[])[], io: Io, several = `${what}s`): void {
  const labelled = rows.slice(0, shown).map(([name = '', kind = '', ...more]) => {
    return [what.padEnd('registry'.length), name, kind, more.join('  ')]
  })
  // Nothing of a place is left out: nowhere else is it shown with its placeholders filled.
  for (const line of columns(labelled, Infinity)) io.out(`  ${line}`)
  if (rows.length > shown) io.out(`  … and ${rows.length - shown} more ${several}`)
}
