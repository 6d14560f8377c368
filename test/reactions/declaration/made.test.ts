import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { update } from '../../../scripts/schemas.ts'
import type { Lake } from '../../../src/lake/lake.ts'
import { parseLake, serializeLake } from '../../../src/lake/lake-json.ts'
import { resolveLake, resolveStages } from '../../../src/reactions/declaration/resolve.ts'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

test('no generated file is stale', async () => {
  expect(await update(false)).toEqual([])
})

test('the example lake is valid, and this version implements all of it', () => {
  const resolved = resolveStages(read('lake.yml'), 'lake.yml')
  expect('lake' in resolved && Object.keys(resolved.lake.tables)).toEqual([
    'flights',
    'airports',
    'uploads',
    'uploads_clean',
  ])
  expect(resolved.warnings).toEqual([])
})

test('the examples on the reference page are valid', () => {
  const [lake = '', stages = '', ...others] = [...read('docs/lake.md').matchAll(/```yaml\n(.*?)```/gs)].map(
    (match) => match[1],
  )
  expect(others).toEqual([])
  const resolved = resolveLake(lake + stages, 'lake.yml', 'prod')
  expect('problems' in resolved ? resolved.problems : []).toEqual([])
  expect('lake' in resolved && Object.keys(resolved.lake.tables)).toEqual(['flights'])
  expect('lake' in resolved && Object.keys(resolved.lake.models)).toEqual(['delay', 'diverted'])
  expect('lake' in resolveStages(lake + stages, 'lake.yml')).toBe(true)
})

describe('a lake that uses every key', () => {
  const text = read('test/fixtures/lakes/full.yml')

  test('is valid in every stage', () => {
    expect('lake' in resolveStages(text, 'full.yml')).toBe(true)
  })

  test('gets a warning for each key that is not implemented', () => {
    const { warnings } = resolveLake(text, 'full.yml')
    expect(warnings.map(({ line, path, severity }) => `${line} ${path} ${severity}`)).toEqual([
      '12 tables.flights.load warning',
      '13 tables.flights.archive warning',
      '23 tables.airports.rows warning',
      '30 streams.positions warning',
    ])
  })

  test('is resolved without the keys that are not implemented', () => {
    const resolved = resolveLake(text, 'full.yml')
    expect('lake' in resolved && resolved.lake.tables.uploads).toEqual({
      name: 'uploads',
      location: { bucket: 'flights-raw', prefix: 'uploads' },
      format: 'json',
      partitions: ['dt', 'hour'],
      partitionTypes: { dt: 'date' },
      catalog: {
        database: 'bronze',
        table: 'uploads',
        drift: 'strict',
        projection: {
          dt: { type: 'date', range: '2020-01-01,NOW', format: 'yyyy-MM-dd', interval: 1, unit: 'DAYS' },
          hour: { type: 'enum', values: ['0', '12'] },
        },
      },
      announce: true,
      job: { name: 'clean-uploads', id: 42, quiet: 20_000, files: 1_000 },
    })
  })

  const modelsOf = (stage?: string): Lake['models'] => {
    const resolved = resolveLake(text, 'full.yml', stage)
    return 'lake' in resolved ? resolved.lake.models : {}
  }

  test('a model is resolved with all its settings, its JSON unchanged', () => {
    expect(modelsOf().delay).toEqual({
      name: 'delay',
      registry: 'main',
      registered: 'Flight delay 2026',
      promote: { alias: 'champion' },
      image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/delay:3.17.2',
      role: 'arn:aws:iam::123456789012:role/service-role/serving',
      environment: { MLFLOW_MODELS_WORKERS: '2', STAGE: 'dev' },
      package: { bucket: 'flights-lake-dev', prefix: 'packages' },
      endpoint: {
        name: 'Delay-dev',
        compute: { kind: 'instances', type: 'ml.m5.large', min: 2, max: 4, invocations: 200 },
        rollout: { kind: 'canary', percent: 10, bake: 600_000 },
        alarms: { errors: 0.5, latency: 500 },
        capture: {
          to: { bucket: 'flights-lake-dev', prefix: 'captured' },
          sample: 10,
          json: ['application/json', 'application/x-ndjson'],
          csv: ['text/csv', 'text/tab-separated-values'],
        },
        keep: 5,
        smoke: {
          request: {
            dataframe_split: {
              columns: ['distance', 'carrier'],
              data: [
                [508.5, 'AA'],
                [1000, null],
              ],
            },
            params: { exact: true },
          },
          expect: { predictions: ['number'] },
        },
      },
    })
  })

  test('a model gets defaults for optional keys', () => {
    expect(modelsOf().cancelled).toEqual({
      name: 'cancelled',
      registry: 'managed',
      registered: 'cancelled',
      promote: { stage: 'Production' },
      environment: {},
      endpoint: {
        name: 'cancelled',
        compute: { kind: 'instances', type: 'ml.t2.medium', min: 1, max: 1 },
        rollout: { kind: 'all-at-once', bake: 300_000 },
        alarms: { errors: 5 },
        keep: 3,
      },
    })
  })

  test('a stage can make an endpoint serverless', () => {
    expect(modelsOf('prod').cancelled?.endpoint).toEqual({
      name: 'cancelled',
      compute: { kind: 'serverless', memory: 1024, concurrency: 5 },
      rollout: { kind: 'all-at-once', bake: 0 },
      alarms: { errors: 5 },
      keep: 3,
    })
    expect(modelsOf().diverted?.endpoint.compute).toEqual({
      kind: 'serverless',
      memory: 2048,
      concurrency: 10,
      provisioned: 2,
    })
    expect(modelsOf().diverted?.promote).toEqual({ tag: { key: 'deploy', value: 'production' } })
  })

  test("SageMaker's MLflow is a tracking server or an app", () => {
    const app = 'arn:aws:sagemaker:eu-west-1:123456789012:mlflow-app/app-GBU5I6LYU4G7'
    const resolved = resolveLake(text.replace(/arn:.*:mlflow-tracking-server\/team/, app), 'full.yml')
    expect('lake' in resolved && resolved.lake.registries['managed']).toMatchObject({ kind: 'sagemaker', server: app })
  })

  test('registries of all four kinds are resolved, those of Databricks with its host and secret', () => {
    const resolved = resolveLake(text, 'full.yml')
    const host = 'https://dbc-0a1b2c3d.cloud.databricks.com'
    expect('lake' in resolved && resolved.lake.registries).toEqual({
      main: {
        kind: 'mlflow',
        host: 'https://mlflow.example.com',
        secret: 'landfall/mlflow',
        artifacts: { bucket: 'mlflow-artifacts', prefix: 'root' },
      },
      managed: {
        kind: 'sagemaker',
        host: 'https://t-abc.eu-west-1.experiments.sagemaker.aws',
        server: 'arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/team',
        artifacts: { bucket: 'mlflow-managed', prefix: '' },
      },
      workspace: {
        kind: 'databricks',
        host,
        secret: 'landfall/databricks',
        artifacts: { bucket: 'databricks-models', prefix: 'artifacts' },
      },
      unity: {
        kind: 'unity-catalog',
        host,
        secret: 'landfall/databricks',
        artifacts: { bucket: 'unity-dev', prefix: 'models' },
      },
    })
  })

  test('survives the way through lake.json', () => {
    for (const stage of ['dev', 'prod']) {
      const resolved = resolveLake(text, 'full.yml', stage)
      if (!('lake' in resolved)) throw new Error(JSON.stringify(resolved.problems))
      expect(parseLake(serializeLake(resolved.lake))).toEqual(resolved.lake)
    }
  })
})
