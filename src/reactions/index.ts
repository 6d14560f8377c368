/**
 * THE list of reactions. A reaction is a row here, and a file or folder of its name in `src/reactions/`, `functions/`,
 * `infra/reactions/`, `events/` and `docs/reactions/`; a test fails if they differ. Sweep, queues, roles, rules, functions,
 * status, check, docs and benches iterate over this list; none of them names a reaction.
 *
 * It is part of every bundle, so it imports only types and names.
 */
import type { Lake, Table } from '../lake/lake.ts'
import type { CursorKey } from '../core/ledger.ts'
import { endpointSubject, tableSubject } from '../lake/subjects.ts'

type Subjects = Pick<Lake, 'tables' | 'models'>

/**
 * What a reaction keeps in sync, and what wakes it.
 * - `tables`: whether it applies to a table. `Table Changed` of tables with the same formats wakes it.
 * - `subjects`: subjects of another kind. The rules in `infra/reactions/NAME.ts` wake it.
 */
interface ReactionRow {
  readonly name: string
  readonly tables?: (table: Table) => boolean
  readonly subjects?: (lake: Subjects) => string[]
}

export const reactions = [
  { name: 'catalog', tables: ({ catalog, format }) => catalog !== undefined && format === 'delta' },
  { name: 'catalog-files', tables: ({ catalog, format }) => catalog !== undefined && format !== 'delta' },
  { name: 'announce', tables: ({ announce }) => announce === true },
  { name: 'job', tables: ({ job }) => job !== undefined },
  {
    name: 'deployment',
    subjects: ({ models }) => Object.values(models).map(({ endpoint }) => endpointSubject(endpoint.name)),
  },
] as const satisfies readonly ReactionRow[]

export type ReactionName = (typeof reactions)[number]['name']

const rows = new Map<string, ReactionRow>(reactions.map((row) => [row.name, row]))

/** The tables that a reaction applies to, in the order of lake.yml; none if its subjects are not tables. */
export function tablesOf(reaction: string, { tables }: Pick<Lake, 'tables'>): Table[] {
  const has = rows.get(reaction)?.tables
  return has === undefined ? [] : Object.values(tables).filter(has)
}

/** The reactions that apply to a table. */
export function reactionsOfTable(table: Table): ReactionName[] {
  return reactions.flatMap((row: ReactionRow) => (row.tables?.(table) === true ? [row.name as ReactionName] : []))
}

/** The subjects of a reaction, in the order of lake.yml. */
export function subjectsOf(reaction: string, lake: Subjects): string[] {
  return rows.get(reaction)?.subjects?.(lake) ?? tablesOf(reaction, lake).map(({ name }) => tableSubject(name))
}

/** The reactions that the lake has subjects for. Only these are deployed. */
export function activeReactions(lake: Subjects): ReactionName[] {
  return reactions.map(({ name }) => name).filter((name) => subjectsOf(name, lake).length > 0)
}

/** Every table and endpoint as a subject, whether a reaction applies to it or not. */
export function subjectsIn({ tables, models }: Subjects): string[] {
  return [
    ...Object.keys(tables).map(tableSubject),
    ...Object.values(models).map(({ endpoint }) => endpointSubject(endpoint.name)),
  ]
}

/** Every reaction of every subject, or of the one subject `only`. */
export function cursorKeys(lake: Subjects, only?: string): CursorKey[] {
  return activeReactions(lake).flatMap((reaction) =>
    subjectsOf(reaction, lake)
      .filter((subject) => only === undefined || subject === only)
      .map((subject) => ({ subject, reaction })),
  )
}

/** Whether the lake has tables of files, and therefore landing logs. */
export function hasFiles({ tables }: Pick<Lake, 'tables'>): boolean {
  return Object.values(tables).some(({ format }) => format !== 'delta')
}

/** The lake's queues, named after the functions that they feed: those for S3's events, and one for each active reaction. */
export function queueNames(lake: Subjects): string[] {
  return ['commits', ...(hasFiles(lake) ? ['files'] : []), ...activeReactions(lake)]
}
