import type { Lake, Table } from '../../../src/lake/lake.ts'

/** A lake with so many Delta tables in its one made bucket, each in the catalog, in databases of a hundred. */
export function lakeOf(tables: number, overrides: Partial<Lake> = {}): Lake {
  const named = Array.from({ length: tables }, (_, i): Table => {
    const name = `table_${i}`
    return {
      name,
      location: { bucket: 'flights-lake', prefix: `silver/${name}` },
      format: 'delta',
      partitions: [],
      catalog: { database: `database_${Math.floor(i / 100)}`, table: name },
    }
  })
  return {
    name: 'flights',
    stage: 'prod',
    models: {},
    registries: {},
    buckets: { lake: { name: 'flights-lake', existing: false } },
    tables: Object.fromEntries(named.map((table) => [table.name, table])),
    ...overrides,
  }
}

/** The same, and so many tables of files in a bucket of their own. */
export function lakeWithFiles(tables: number, overrides: Partial<Lake> = {}): Lake {
  const lake = lakeOf(1, overrides)
  const named = Array.from({ length: tables }, (_, i): Table => {
    const name = `uploads_${i}`
    return { name, location: { bucket: 'flights-raw', prefix: `raw/${name}` }, format: 'json', partitions: [] }
  })
  return {
    ...lake,
    buckets: { ...lake.buckets, raw: { name: 'flights-raw', existing: false } },
    tables: { ...lake.tables, ...Object.fromEntries(named.map((table) => [table.name, table])) },
  }
}

/** The same, where every table starts a Databricks job. */
export function lakeWithJobs(tables: number, overrides: Partial<Lake> = {}): Lake {
  const lake = lakeOf(tables, overrides)
  const job = { name: 'clean', id: 42 }
  return {
    ...lake,
    tables: Object.fromEntries(Object.entries(lake.tables).map(([name, table]) => [name, { ...table, job }])),
    databricks: { host: 'https://dbc.cloud.databricks.com', secret: 'landfall/databricks' },
  }
}

/** Tables of files alone, so many, each in the catalog. */
export function lakeWithFilesInCatalog(tables: number, overrides: Partial<Lake> = {}): Lake {
  const lake = lakeWithFiles(tables, overrides)
  const entries = Object.entries(lake.tables).map(([name, table], i): [string, Table] => [
    name,
    { ...table, catalog: { database: `database_${Math.floor(i / 100)}`, table: name } },
  ])
  return { ...lake, tables: Object.fromEntries(entries) }
}
