import { readFile } from 'node:fs/promises'
import { type Lake, locationUri, type Table } from '../../src/lake/lake.ts'
import type { Model } from '../../src/reactions/deployment/settings.ts'
import type { Problem } from '../../src/lake/problem.ts'
import { inOrder, problemLines } from '../../src/lake/problem-text.ts'
import { activeReactions, subjectsOf } from '../../src/reactions/index.ts'
import { parts } from '../../src/reactions/declaration/parts.ts'
import { resolveLake, resolveStages } from '../../src/reactions/declaration/resolve.ts'
import { help, readArguments } from '../arguments.ts'
import type { Command, ExitCode, Io } from '../command.ts'
import { columns, counted } from '../text.ts'

export const command: Command = {
  summary: 'validates lake.yml and reports every problem',
  usage: `landfall check [FILE] [--stage STAGE] [--json]

${help.file}
  --stage STAGE   stage to check (default: every stage)
  --json          print JSON: a list of {file, line, column, path, expected,
                  found, message, suggestion, severity}

Exits with 0 when the lake is valid (warnings are allowed), 1 when it has
problems, 2 when FILE cannot be read.

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
    if ('lake' in resolved) summarize(resolved.lake, file, resolved.warnings, io)
    else io.err(`${file}: ${[counted(problems.length, 'problem'), ...warningCount(resolved.warnings)].join(', ')}`)
  }
  return problems.length === 0 ? 0 : 1
}

const warningCount = (warnings: readonly Problem[]): string[] =>
  warnings.length === 0 ? [] : [counted(warnings.length, 'warning')]

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Error(`cannot read ${file}`, { cause })
  }
}

/** Limit for each kind, so that the summary stays on one screen. */
const shown = 12

function summarize(lake: Lake, file: string, warnings: readonly Problem[], io: Io): void {
  const buckets = Object.entries(lake.buckets)
  const tables = Object.values(lake.tables)
  const models = Object.values(lake.models)
  const registries = Object.entries(lake.registries)
  const parts = [
    counted(buckets.length, 'bucket'),
    counted(tables.length, 'table'),
    ...(models.length === 0 ? [] : [counted(models.length, 'model')]),
    ...warningCount(warnings),
  ]
  io.out(`${file} is valid: lake ${lake.name}, stage ${lake.stage}, ${parts.join(', ')}`)
  say(
    'bucket',
    buckets.map(([name, bucket]) => [
      name,
      `s3://${bucket.name}`,
      bucket.existing ? 'existing' : 'created by Landfall',
    ]),
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

/** One line for each row, up to the limit. */
function say(what: string, rows: readonly (readonly string[])[], io: Io, several = `${what}s`): void {
  const labelled = rows.slice(0, shown).map(([name = '', kind = '', ...more]) => {
    return [what.padEnd('registry'.length), name, kind, more.join('  ')]
  })
  // Locations are never shortened: this is the only place that shows them with placeholders resolved.
  for (const line of columns(labelled, Infinity)) io.out(`  ${line}`)
  if (rows.length > shown) io.out(`  … and ${rows.length - shown} more ${several}`)
}
