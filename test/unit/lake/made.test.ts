import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { update } from '../../../scripts/schemas.ts'
import { resolveLake, resolveStages } from '../../../src/lake/resolve.ts'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

test('no file that is made from a schema is stale', async () => {
  expect(await update(false)).toEqual([])
})

test('the example lake is sound, and all of it is carried out', () => {
  const resolved = resolveStages(read('lake.yml'), 'lake.yml')
  expect('lake' in resolved && Object.keys(resolved.lake.tables)).toEqual([
    'flights',
    'airports',
    'uploads',
    'uploads_clean',
  ])
  expect(resolved.warnings).toEqual([])
})

test('what the reference page shows is sound', () => {
  const [lake = '', stages = '', ...others] = [...read('docs/lake.md').matchAll(/```yaml\n(.*?)```/gs)].map(
    (match) => match[1],
  )
  expect(others).toEqual([])
  const resolved = resolveLake(lake + stages, 'lake.yml', 'prod')
  expect('problems' in resolved ? resolved.problems : []).toEqual([])
  expect('lake' in resolved && Object.keys(resolved.lake.tables)).toEqual(['flights'])
  expect('lake' in resolveStages(lake + stages, 'lake.yml')).toBe(true)
})

describe('a lake that declares everything there is', () => {
  const text = read('test/fixtures/lakes/full.yml')

  test('is sound in every stage', () => {
    expect('lake' in resolveStages(text, 'full.yml')).toBe(true)
  })

  test('is told what nothing carries out yet', () => {
    const { warnings } = resolveLake(text, 'full.yml')
    expect(warnings.map(({ line, path, severity }) => `${line} ${path} ${severity}`)).toEqual([
      '11 tables.flights.load warning',
      '12 tables.flights.archive warning',
      '22 tables.airports.rows warning',
      '28 streams.positions warning',
      '31 models.delay warning',
      '35 models.cancelled warning',
    ])
  })

  test('and what nothing carries out is not in the lake', () => {
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
      job: { name: 'clean-uploads', id: 42, quiet: 20_000, files: 1_000 },
    })
  })
})
