import type { Table } from '../lake/lake.ts'

/** The table that a subject (`table/flights`) names; one that lake.yml no longer has is nothing to react to. */
export function subjectTable(subject: string, tables: Readonly<Record<string, Table>>): Table | undefined {
  const name = subject.startsWith('table/') ? subject.slice('table/'.length) : ''
  return Object.hasOwn(tables, name) ? tables[name] : undefined
}
