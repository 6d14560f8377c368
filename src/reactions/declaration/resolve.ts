/** From the text of a lake.yml to a {@link Lake}, or to everything that is wrong with it. */
import { notImplemented } from './not-implemented.ts'
import { check } from './checks.ts'
import { interpolate } from '../../lake/interpolate.ts'
import { finding, findingsOf } from '../../lake/issues.ts'
import { parseDuration } from '../../lake/duration.ts'
import type { JobSettings, Lake, Table } from '../../lake/lake.ts'
import { parseLocation } from '../../lake/location.ts'
import { deployNameFault, glueNameOf } from '../../lake/names.ts'
import { closestMatch } from '../../lake/closest-match.ts'
import { isPartitionType, patternColumns, withoutTypes } from '../../lake/pattern.ts'
import { positions } from '../../lake/position.ts'
import { parseSize } from '../../lake/size.ts'
import { didYouMean, oneOf, pathText, quoted, type Finding, type Path, type Problem } from '../../lake/problem.ts'
import { readTree } from '../../lake/read.ts'
import { hostOf, modelOf, registryOf } from '../deployment/settings.ts'
import { lakeSchema, type Declared } from './schema.ts'
import { describe, entryAt, overlay, plain, textOf, type MapNode } from '../../lake/tree.ts'

/** The stage of whoever names none; it needs no overrides. */
export const defaultStage = 'dev'

export type Resolved =
  | { readonly lake: Lake; readonly warnings: readonly Problem[] }
  | { readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] }

/**
 * Reads `text`, the lake.yml named `file` (for messages), for one stage. Never throws: every problem is in the answer, in
 * the order of the file. With problems there is no lake; with warnings alone there is.
 */
export function resolveLake(text: string, file: string, stage: string = defaultStage): Resolved {
  const { root, findings } = readTree(text)
  const report = reporter(text, file)
  if (root === undefined) return { problems: report(findings), warnings: [] }
  return resolveStage(root, findings, stage, report)
}

/** The same for `dev` and every stage with overrides, each problem once; the lake is that of `dev`. */
export function resolveStages(text: string, file: string): Resolved {
  const { root, findings } = readTree(text)
  const report = reporter(text, file)
  if (root === undefined) return { problems: report(findings), warnings: [] }
  const resolved = [...new Set([defaultStage, ...stageNames(root)])].map((stage) =>
    resolveStage(root, findings, stage, report),
  )
  const problems = distinct(resolved.flatMap((each) => ('problems' in each ? each.problems : [])))
  const warnings = distinct(resolved.flatMap((each) => each.warnings))
  const [first] = resolved
  return problems.length === 0 && first !== undefined && 'lake' in first
    ? { lake: first.lake, warnings }
    : { problems, warnings }
}

type DeclaredTable = NonNullable<Declared['tables']>[string]
type DeclaredJob = NonNullable<DeclaredTable['job']>
type Report = (findings: readonly Finding[]) => Problem[]

function reporter(text: string, file: string): Report {
  const position = positions(text)
  return (findings) =>
    findings
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, path, severity = 'error' as const, ...rest }): Problem => ({
        file,
        ...position(at),
        path: pathText(path),
        ...rest,
        severity,
      }))
}

function distinct(problems: readonly Problem[]): Problem[] {
  const byText = new Map(
    problems.map((problem) => [`${problem.line}:${problem.column} ${problem.path} ${problem.message}`, problem]),
  )
  return [...byText.values()].toSorted((a, b) => a.line - b.line || a.column - b.column)
}

function resolveStage(root: MapNode, read: readonly Finding[], stage: string, report: Report): Resolved {
  const own: Finding[] = []
  const merged = interpolate(withStage(root, stage, own), stage, own)
  const parsed = lakeSchema.safeParse(plain(merged))
  const issues = parsed.success ? [] : findingsOf(parsed.error.issues, merged)
  const findings = [read, own, issues, check(merged), tooLong(merged, stage)].flat()
  const declaredIn = (each: Finding): Finding => ({
    ...each,
    path: [...overridePath(merged, each.path, stage), ...each.path],
  })
  const warnings = report(notImplemented(merged).map(declaredIn))
  if (findings.length > 0 || !parsed.success) return { problems: report(findings.map(declaredIn)), warnings }
  return { lake: lakeOf(parsed.data, stage), warnings }
}

/** See `deployed.ts`: what is deployed is named after lake, stage and part, and Lambda takes 64 characters. */
function tooLong(merged: MapNode, stage: string): Finding[] {
  const entry = merged.entries.get('lake')
  const lake = textOf(entry?.node)
  if (entry === undefined || lake === undefined || lake.length + stage.length < 40) return []
  const expected = 'fewer than 40 characters in the names of lake and stage together'
  return [finding('name too long', expected, entry, ['lake'], undefined)]
}

/** What to put before a path for it to lead to where the file says it: into the stage's overrides, or nothing. */
function overridePath(merged: MapNode, path: Path, stage: string): Path {
  for (let length = path.length; length > 0; length--) {
    const entry = entryAt(merged, path.slice(0, length))
    if (entry !== undefined) return entry.node.overriding ? ['stages', stage] : []
  }
  return []
}

function stageNames(root: MapNode): string[] {
  const stages = root.entries.get('stages')?.node
  return stages?.kind === 'map' ? [...stages.entries.keys()] : []
}

/** The lake without its `stages`, the one of this stage laid over the rest. */
function withStage(root: MapNode, stage: string, findings: Finding[]): MapNode {
  const entries = new Map(root.entries)
  const stages = root.entries.get('stages')
  entries.delete('stages')
  const base: MapNode = { ...root, entries }
  const bad = deployNameFault(stage)
  if (bad !== undefined)
    findings.push({
      at: 0,
      path: ['stages', stage],
      found: quoted(stage),
      expected: bad.expected,
      message: `bad name of a stage: expected ${bad.expected}, found ${quoted(stage)}`,
    })
  if (stages === undefined) return base
  if (stages.node.kind !== 'map') {
    findings.push(stagesFinding(stages.node.at, ['stages'], 'a map from stages to overrides', describe(stages.node)))
    return base
  }
  const own = stages.node.entries.get(stage)
  if (own === undefined) {
    if (stage !== defaultStage) findings.push(unknownStage(stage, stages.keyAt, [...stages.node.entries.keys()]))
    return base
  }
  if (own.node.kind === 'map') return overlay(base, own.node) as MapNode
  findings.push(stagesFinding(own.node.at, ['stages', stage], 'a map of overrides', describe(own.node)))
  return base
}

function stagesFinding(at: number, path: readonly string[], expected: string, found: string): Finding {
  return { at, path, expected, found, message: `expected ${expected}, found ${found}` }
}

function unknownStage(stage: string, at: number, known: readonly string[]): Finding {
  const suggestion = closestMatch(stage, [...known, defaultStage])
  const expected = oneOf([...known, defaultStage])
  const message = `there is no stage '${stage}'${suggestion === undefined ? `; expected ${expected}` : didYouMean(suggestion)}`
  return {
    at,
    path: ['stages'],
    expected,
    found: quoted(stage),
    message,
    ...(suggestion !== undefined && { suggestion }),
  }
}

function lakeOf(declared: Declared, stage: string): Lake {
  const { databricks } = declared
  return {
    name: declared.lake,
    stage,
    buckets: mapped(declared.buckets, (bucket) =>
      typeof bucket === 'string' ? { name: bucket, existing: false } : bucket,
    ),
    tables: mapped(declared.tables, (table, name) => tableOf(name, table, declared)),
    models: mapped(declared.models, (model, name) => modelOf(name, model)),
    registries: mapped(declared.registries, (registry) => registryOf(registry, databricks)),
    ...(databricks && { databricks: { host: hostOf(databricks.host), secret: databricks.secret } }),
  }
}

function mapped<From, To>(
  from: Readonly<Record<string, From>> | undefined,
  to: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(from ?? {}).map(([name, value]) => [name, to(value, name)]))
}

function tableOf(
  name: string,
  { location, format, partitions, catalog, job }: DeclaredTable,
  declared: Declared,
): Table {
  return {
    name,
    location: parseLocation(location)!,
    format,
    ...partitioningOf(partitions),
    ...(catalog && { catalog: { ...catalog, table: catalog.table ?? glueNameOf(name) } }),
    ...(job && { job: jobOf(job, declared) }),
  }
}

function partitioningOf(
  declared: DeclaredTable['partitions'] = [],
): Pick<Table, 'partitions' | 'partitionTypes' | 'partitionPattern'> {
  const columns = 'pattern' in declared ? patternColumns(declared.pattern) : declared.map(partitionColumn)
  const typed = columns.flatMap(({ name, type }) =>
    type !== 'string' && isPartitionType(type) ? [[name, type] as const] : [],
  )
  return {
    partitions: columns.map(({ name }) => name),
    ...(typed.length > 0 && { partitionTypes: Object.fromEntries(typed) }),
    ...('pattern' in declared && { partitionPattern: withoutTypes(declared.pattern) }),
  }
}

function partitionColumn(column: string | { readonly name: string; readonly type: string }) {
  return typeof column === 'string' ? { name: column, type: 'string' } : column
}

function jobOf({ name, quiet, files, bytes }: DeclaredJob, { databricks }: Declared): JobSettings {
  return {
    name,
    id: databricks?.jobs?.[name]?.id ?? 0,
    ...(quiet !== undefined && { quiet: parseDuration(quiet)! }),
    ...(files !== undefined && { files }),
    ...(bytes !== undefined && { bytes: parseSize(bytes)! }),
  }
}
