import { readFile } from 'node:fs/promises'
import { readArguments } from '../arguments.ts'
import type { Command, ExitCode, Io } from '../command.ts'
import { counted } from '../text.ts'
import { type Lake, locationUri } from '../../src/lake/lake.ts'
import type { Problem } from '../../src/lake/problem.ts'
import { resolveLake, resolveStages } from '../../src/lake/resolve.ts'

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
  const all = [...problems, ...resolved.warnings].toSorted((a, b) => a.line - b.line || a.column - b.column)
  if (json) io.out(JSON.stringify(all, undefined, 2))
  else {
    const lines = text.split('\n')
    for (const each of all) print(each, lines, io)
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

/** As compilers do: the place, what is wrong, and the line with a caret under the place. */
function print({ file, line, column, path, message, severity }: Problem, lines: readonly string[], io: Io): void {
  const label = severity === 'warning' ? 'warning: ' : ''
  io.out(`${file}:${line}:${column}  ${path === '' ? '' : `${path}  `}${label}${message}`)
  const source = (lines[line - 1] ?? '').replaceAll('\t', ' ').trimEnd()
  const margin = `${line} | `
  if (source === '' || margin.length + source.length > io.width) return
  io.out(`  ${margin}${source}`)
  io.out(`  ${' '.repeat(margin.length + column - 1)}^`)
}

/** At most so many tables are named, so that the summary stays on one screen. */
const shown = 12

function summarize(lake: Lake, file: string, warnings: number, io: Io): void {
  const buckets = Object.entries(lake.buckets)
  const tables = Object.values(lake.tables)
  const notes = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`
  io.out(
    `${file} is sound: lake ${lake.name}, stage ${lake.stage}, ${counted(buckets.length, 'bucket')}, ${counted(tables.length, 'table')}${notes}`,
  )
  for (const [name, bucket] of buckets.slice(0, shown))
    io.out(`  bucket  ${name}  s3://${bucket.name}  ${bucket.existing ? 'existing' : 'made by Landfall'}`)
  more(buckets.length, 'bucket', io)
  for (const table of tables.slice(0, shown)) {
    const catalog = table.catalog === undefined ? '' : `  catalog ${table.catalog.database}.${table.catalog.table}`
    io.out(`  table   ${table.name}  ${table.format}  ${locationUri(table.location)}${catalog}`)
  }
  more(tables.length, 'table', io)
  const catalogs = tables.filter((table) => table.catalog !== undefined).length
  io.out(`  reactions: catalog on ${counted(catalogs, 'table')}`)
}

function more(count: number, what: string, io: Io): void {
  if (count > shown) io.out(`  … and ${counted(count - shown, what)} more`)
}
