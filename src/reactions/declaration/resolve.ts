/** From the text of a lake.yml to a {@link Lake}, or to all of its problems. */
import { check } from '../../lake/checks.ts'
import { interpolate } from '../../lake/interpolate.ts'
import { finding, findingsOf } from '../../lake/issues.ts'
import type { Bucket, Lake, Table } from '../../lake/lake.ts'
import { parseLocation } from '../../lake/location.ts'
import { partitioningOf } from '../../lake/partitioning.ts'
import type { Finding, Problem } from '../../lake/problem.ts'
import { readTree } from '../../lake/read.ts'
import { distinctProblems, reporter, type Report } from '../../lake/report.ts'
import { defaultStage, overridePath, stageNames, withStage } from '../../lake/stages.ts'
import { plain, textOf, type MapNode } from '../../lake/tree.ts'
import { databricksSettings } from '../../databricks/settings.ts'
import { catalogSettings } from '../../glue/settings.ts'
import { registrySettings } from '../../registry/settings.ts'
import { announceSettings } from '../announce/settings.ts'
import { modelSettings } from '../deployment/settings.ts'
import { jobSettings } from '../job/settings.ts'
import { plainSchema } from './json-schema.ts'
import { notImplemented } from './not-implemented.ts'
import { parts } from './parts.ts'
import { lakeSchema, type Declared } from './schema.ts'

export type Resolved =
  | { readonly lake: Lake; readonly warnings: readonly Problem[] }
  | { readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] }

/**
 * Reads the text of a lake.yml for one stage. Never throws: it returns every problem, in file order. With problems there is
 * no lake; with warnings only there is.
 *
 * @param file its name, for messages
 */
export function resolveLake(text: string, file: string, stage: string = defaultStage): Resolved {
  const { root, findings } = readTree(text)
  const report = reporter(text, file)
  if (root === undefined) return { problems: report(findings), warnings: [] }
  return resolveStage(root, findings, stage, report)
}

/** The same for `dev` and every stage with overrides, without duplicate problems. The lake is that of `dev`. */
export function resolveStages(text: string, file: string): Resolved {
  const { root, findings } = readTree(text)
  const report = reporter(text, file)
  if (root === undefined) return { problems: report(findings), warnings: [] }
  const resolved = [...new Set([defaultStage, ...stageNames(root)])].map((stage) =>
    resolveStage(root, findings, stage, report),
  )
  const problems = distinctProblems(resolved.flatMap((each) => ('problems' in each ? each.problems : [])))
  const warnings = distinctProblems(resolved.flatMap((each) => each.warnings))
  const [first] = resolved
  return problems.length === 0 && first !== undefined && 'lake' in first
    ? { lake: first.lake, warnings }
    : { problems, warnings }
}

type DeclaredTable = NonNullable<Declared['tables']>[string]

function resolveStage(root: MapNode, read: readonly Finding[], stage: string, report: Report): Resolved {
  const own: Finding[] = []
  const merged = interpolate(withStage(root, stage, own), stage, own)
  const parsed = lakeSchema.safeParse(plain(merged))
  const issues = parsed.success ? [] : findingsOf(parsed.error.issues, merged, plainSchema)
  const findings = [read, own, issues, check(merged, parts), tooLong(merged, stage)].flat()
  const declaredIn = (each: Finding): Finding => ({
    ...each,
    path: [...overridePath(merged, each.path, stage), ...each.path],
  })
  const warnings = report(notImplemented(merged).map(declaredIn))
  if (findings.length > 0 || !parsed.success) return { problems: report(findings.map(declaredIn)), warnings }
  return { lake: lakeOf(parsed.data, stage), warnings }
}

/** Resources are named after lake, stage and part (`resource-names.ts`), and Lambda allows 64 characters for a name. */
function tooLong(merged: MapNode, stage: string): Finding[] {
  const entry = merged.entries.get('lake')
  const lake = textOf(entry?.node)
  if (entry === undefined || lake === undefined || lake.length + stage.length < 40) return []
  const expected = 'fewer than 40 characters in the names of lake and stage together'
  return [finding('name too long', expected, entry, ['lake'], undefined)]
}

function lakeOf(declared: Declared, stage: string): Lake {
  const { databricks } = declared
  return {
    name: declared.lake,
    stage,
    buckets: mapped(declared.buckets, (bucket) => bucketOf(bucket, declared.kms)),
    tables: mapped(declared.tables, (table, name) => tableOf(name, table, declared)),
    models: mapped(declared.models, (model, name) => modelSettings(name, model)),
    registries: mapped(declared.registries, (registry) => registrySettings(registry, databricks)),
    databricks: databricks && databricksSettings(databricks),
    kms: declared.kms,
    limits: declared.limits,
  }
}

function bucketOf(declared: NonNullable<Declared['buckets']>[string], kms: string | undefined): Bucket {
  const bucket = typeof declared === 'string' ? { name: declared, existing: false } : declared
  return bucket.existing ? bucket : { kms, ...bucket }
}

function mapped<From, To>(
  from: Readonly<Record<string, From>> | undefined,
  to: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(from ?? {}).map(([name, value]) => [name, to(value, name)]))
}

function tableOf(name: string, declared: DeclaredTable, { announce, databricks }: Declared): Table {
  const { location, format, partitions, catalog, job } = declared
  return {
    name,
    location: parseLocation(location)!,
    format,
    ...partitioningOf(partitions),
    catalog: catalog && catalogSettings(name, catalog),
    announce: announceSettings(declared.announce, announce) ? true : undefined,
    job: job && jobSettings(job, databricks),
  }
}
