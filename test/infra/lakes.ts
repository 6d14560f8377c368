import type { Lake, Table } from '../../src/lake/lake.ts'
import type { Model } from '../../src/reactions/deployment/settings.ts'
import type { RegistrySettings } from '../../src/registry/settings.ts'
import { modelOf } from '../world/model-builder.ts'

/** A lake with this many Delta tables in one bucket, all in the catalog, with a hundred tables per database. */
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

/** A lake with one Delta table, and this many tables of files in another bucket. */
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

/** {@link lakeOf}, with a Databricks job for every table. */
export function lakeWithJobs(tables: number, overrides: Partial<Lake> = {}): Lake {
  const lake = lakeOf(tables, overrides)
  const job = { name: 'clean', id: 42 }
  return {
    ...lake,
    tables: Object.fromEntries(Object.entries(lake.tables).map(([name, table]) => [name, { ...table, job }])),
    databricks: { host: 'https://dbc.cloud.databricks.com', secret: 'landfall/databricks' },
  }
}

/** {@link lakeWithFiles}, with every table in the catalog. */
export function lakeWithFilesInCatalog(tables: number, overrides: Partial<Lake> = {}): Lake {
  const lake = lakeWithFiles(tables, overrides)
  const entries = Object.entries(lake.tables).map(([name, table], i): [string, Table] => [
    name,
    { ...table, catalog: { database: `database_${Math.floor(i / 100)}`, table: name } },
  ])
  return { ...lake, tables: Object.fromEntries(entries) }
}

const registries: Readonly<Record<RegistrySettings['kind'], RegistrySettings>> = {
  mlflow: {
    kind: 'mlflow',
    host: 'https://mlflow.example.com',
    secret: 'landfall/mlflow',
    artifacts: { bucket: 'flights-mlflow', prefix: 'artifacts' },
  },
  sagemaker: {
    kind: 'sagemaker',
    host: 'https://eu-central-1.experiments.sagemaker.aws',
    server: 'arn:aws:sagemaker:eu-central-1:123456789012:mlflow-tracking-server/main',
    artifacts: { bucket: 'flights-managed', prefix: '' },
  },
  databricks: {
    kind: 'databricks',
    host: 'https://dbc.cloud.databricks.com',
    secret: 'landfall/databricks',
    artifacts: { bucket: 'flights-dbr', prefix: 'models' },
  },
  'unity-catalog': {
    kind: 'unity-catalog',
    host: 'https://dbc.cloud.databricks.com',
    secret: 'landfall/databricks',
    artifacts: { bucket: 'flights-uc', prefix: 'models' },
  },
}

/** A model in a registry of this kind, on two instances. */
export function model(name: string, kind: RegistrySettings['kind'] = 'mlflow', overrides: Partial<Model> = {}): Model {
  return modelOf({ name, registry: kind, registered: name, endpoint: { name }, ...overrides })
}

/** A lake with one Delta table, these models, and registries of every kind. */
export function lakeWithModels(models: readonly Model[], overrides: Partial<Lake> = {}): Lake {
  return {
    ...lakeOf(1, overrides),
    models: Object.fromEntries(models.map((one) => [one.name, one])),
    registries,
  }
}

/** A lake with this many models, each packed, autoscaled, with data capture and its own role. */
export function lakeOfModels(models: number): Lake {
  const name = (i: number) => `airline-delay-prediction-${i}`
  return lakeWithModels(
    Array.from({ length: models }, (_, i) => {
      const { endpoint, ...plain } = model(name(i), 'mlflow', {
        package: { bucket: 'flights-lake', prefix: `packages/team-${i}` },
      })
      const compute = { kind: 'instances', type: 'ml.m5.large', min: 1, max: 4, invocations: 1_000 } as const
      return {
        ...plain,
        endpoint: {
          ...endpoint,
          compute,
          capture: {
            to: { bucket: 'flights-lake', prefix: 'captured' },
            sample: 10,
            json: ['application/json'],
            csv: ['text/csv'],
          },
        },
      }
    }),
  )
}
