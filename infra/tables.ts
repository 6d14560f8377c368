import { distinct } from '../src/core/distinct.ts'
import { type Lake, type Location, type Table, keyPrefix } from '../src/lake/lake.ts'
import { arn, s3Arn, type Value } from './cloudformation.ts'
import { type Candidate, growthBudget, narrowest, type Statement, statement } from './policies.ts'

const READ = ['s3:GetObject']
export const PARTITIONS = [
  'glue:BatchCreatePartition',
  'glue:BatchDeletePartition',
  'glue:BatchUpdatePartition',
  'glue:GetPartitions',
]
export const GLUE = ['glue:GetDatabase', 'glue:CreateDatabase', 'glue:GetTable', 'glue:CreateTable', 'glue:UpdateTable']

/** Lets a function read samples of the files. Without the right to list, S3 answers 403 instead of 404 for a missing one. */
export function fileCandidates(tables: readonly Table[]): [Candidate, ...Candidate[]] {
  const buckets = distinct(tables.map(({ location }) => location.bucket))
  const prefixes = distinct(tables.map(({ location }) => `${keyPrefix(location)}*`))
  const list = (condition?: Statement['Condition']) =>
    statement('ListFiles', ['s3:ListBucket'], buckets.map(s3Arn), condition)
  const exact = tables.map(({ location: { bucket, prefix } }) => s3Arn(`${bucket}/${keyPrefix({ prefix })}*`))
  return [
    [...statement('ReadFiles', READ, exact), ...list(prefixed('StringLikeIfExists', prefixes))],
    [
      ...statement(
        'ReadFiles',
        READ,
        buckets.map((bucket) => s3Arn(`${bucket}/*`)),
      ),
      ...list(),
    ],
  ]
}

/**
 * Lets a function read the tables' logs, but not their data. Without `s3:ListBucket`, S3 answers 403 instead of 404 for a
 * commit that does not exist yet (GetObject's API reference, "Permissions"). That check has no prefix, hence `IfExists`:
 * listings with a prefix are limited to the logs.
 */
export function logCandidates(tables: readonly Table[]): [Candidate, ...Candidate[]] {
  const buckets = distinct(tables.map((table) => table.location.bucket))
  const exact = tables.map((table) => logPrefix(table.location))
  const list = (prefixes: readonly string[]) =>
    statement('ListLogs', ['s3:ListBucket'], buckets.map(s3Arn), { StringLikeIfExists: { 's3:prefix': prefixes } })
  return [
    [
      ...statement(
        'ReadLogs',
        READ,
        tables.map((table) => s3Arn(`${table.location.bucket}/${logPrefix(table.location)}*`)),
      ),
      ...list(distinct(exact).map((prefix) => `${prefix}*`)),
    ],
    [
      ...statement(
        'ReadLogs',
        READ,
        buckets.map((bucket) => s3Arn(`${bucket}/*_delta_log/*`)),
      ),
      ...list(['*_delta_log/*']),
    ],
  ]
}

/** Lets a function list the tables of files without reading them: each table by its prefix, or their whole buckets. */
export function fileListing(lake: Lake): readonly Statement[] {
  const tables = Object.values(lake.tables).filter(({ format }) => format !== 'delta')
  const buckets = distinct(tables.map(({ location }) => location.bucket)).map(s3Arn)
  const prefixes = tables.map(({ location }) => `${keyPrefix(location)}*`)
  const list = (condition?: Statement['Condition']) => statement('ListFiles', ['s3:ListBucket'], buckets, condition)
  return narrowest([list(prefixed('StringLike', distinct(prefixes))), list()], growthBudget(lake))
}

export function glueCandidates(tables: readonly Table[], actions: readonly string[]): [Candidate, ...Candidate[]] {
  const settings = tables.flatMap((table) => table.catalog ?? [])
  const databases = distinct(settings.map((catalog) => catalog.database))
  const databaseArns = databases.map((database) => arn('glue', `database/${database}`))
  return [
    glue(
      actions,
      databaseArns,
      settings.map((catalog) => arn('glue', `table/${catalog.database}/${catalog.table}`)),
    ),
    glue(
      actions,
      databaseArns,
      databases.map((database) => arn('glue', `table/${database}/*`)),
    ),
    glue(actions, [arn('glue', 'database/*')], [arn('glue', 'table/*')]),
  ]
}

/** Every call needs rights on the catalog and the database as well. */
function glue(actions: readonly string[], databases: readonly Value[], tables: readonly Value[]): readonly Statement[] {
  return tables.length === 0 ? [] : statement('Glue', actions, [arn('glue', 'catalog'), ...databases, ...tables])
}

/** A table may be a whole bucket: then a condition would only look like a limit. */
function prefixed(operator: string, prefixes: readonly string[]): Statement['Condition'] {
  return prefixes.includes('*') ? undefined : { [operator]: { 's3:prefix': prefixes } }
}

function logPrefix(location: Location): string {
  return `${keyPrefix(location)}_delta_log/`
}
