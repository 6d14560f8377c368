import type { Model, Table } from '../lake/lake.ts'

/** The table that a subject (`table/flights`) names; one that lake.yml no longer has is nothing to react to. */
export function subjectTable(subject: string, tables: Readonly<Record<string, Table>>): Table | undefined {
  const name = subject.startsWith('table/') ? subject.slice('table/'.length) : ''
  return Object.hasOwn(tables, name) ? tables[name] : undefined
}

/** The model whose endpoint a subject (`endpoint/delay`) names. */
export function subjectModel(subject: string, models: Readonly<Record<string, Model>>): Model | undefined {
  return Object.values(models).find(({ endpoint }) => subject === `endpoint/${endpoint.name}`)
}
