import type { Cursor } from '../src/core/ledger.ts'
import type { Lake, Table } from '../src/lake/lake.ts'
import type { Model } from '../src/reactions/deployment/settings.ts'
import { endpointSubject, isEndpoint, subjectModel, tableSubject } from '../src/lake/subjects.ts'
import { parseState } from '../src/reactions/deployment/state.ts'
import { subjectsIn } from '../src/reactions/index.ts'
import { UsageError } from './command.ts'
import { list } from './text.ts'

/** The error for a name that lake.yml does not have. `kind`: `table`, `queue`, … */
export function unknownName({ name }: Pick<Lake, 'name'>, kind: string, given: string, known: readonly string[]) {
  return new UsageError(`lake ${name} has no ${kind} '${given}'; it has ${list(known)}`)
}

/**
 * The table that an operator names as `flights` or `table/flights`.
 * @throws {UsageError} listing the tables
 */
export function tableOf(lake: Lake, given: string): Table {
  const name = given.replace(/^table\//, '')
  const table = Object.hasOwn(lake.tables, name) ? lake.tables[name] : undefined
  if (table !== undefined) return table
  throw unknownName(lake, 'table', name, Object.keys(lake.tables))
}

/**
 * The model whose endpoint an operator names as `delay` or `endpoint/delay`.
 * @throws {UsageError} listing the endpoints
 */
export function modelOf(lake: Lake, given: string): Model {
  const model = subjectModel(given, lake.models) ?? subjectModel(endpointSubject(given), lake.models)
  if (model !== undefined) return model
  const known = Object.values(lake.models).map(({ endpoint }) => endpoint.name)
  throw unknownName(lake, 'endpoint', given, known)
}

/**
 * The subject that an operator names as `flights`, `table/flights` or `endpoint/delay`.
 * @throws {UsageError} listing the subjects
 */
export function subjectOf(lake: Lake, given: string): string {
  const known = subjectsIn(lake)
  const found = [given, tableSubject(given), endpointSubject(given)].filter((subject) => known.includes(subject))
  if (found.length === 1) return found[0]!
  if (found.length > 1) throw new UsageError(`'${given}' is ambiguous; use ${found.join(' or ')}`)
  throw unknownName(lake, 'subject', given, known)
}

/** The version to show for a subject: a table's, or that of the model that the endpoint serves. */
export function versionOf({ subject, version, state }: Cursor): number | string | null {
  if (isEndpoint(subject)) return parseState(state).deployments[0]?.version ?? null
  return version < 0 ? null : version
}
