import type { Table } from './lake.ts'
import type { Model } from '../reactions/deployment/settings.ts'

/** The subject of a table, by its name in lake.yml: `table/flights`. */
export function tableSubject(table: string): string {
  return `table/${table}`
}

/** The table that a subject (`table/flights`) names; `undefined` if lake.yml no longer has it. */
export function subjectTable(subject: string, tables: Readonly<Record<string, Table>>): Table | undefined {
  const name = subject.startsWith('table/') ? subject.slice('table/'.length) : ''
  return Object.hasOwn(tables, name) ? tables[name] : undefined
}

/** The subject of an endpoint, by its name in SageMaker: `endpoint/delay`. */
export function endpointSubject(endpoint: string): string {
  return `endpoint/${endpoint}`
}

export function isEndpoint(subject: string): boolean {
  return subject.startsWith('endpoint/')
}

/** The model whose endpoint a subject names; `undefined` if lake.yml no longer has it. */
export function subjectModel(subject: string, models: Readonly<Record<string, Model>>): Model | undefined {
  return Object.values(models).find(({ endpoint }) => subject === endpointSubject(endpoint.name))
}
