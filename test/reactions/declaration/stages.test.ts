import { describe, expect, test } from '@jest/globals'
import type { Lake } from '../../../src/lake/lake.ts'
import { resolveLake, resolveStages } from '../../../src/reactions/declaration/resolve.ts'

const base = `lake: flights
buckets: { raw: flights-raw, lake: 'flights-lake-\${stage}' }
tables:
  flights: { location: 's3://\${buckets.lake}/flights', format: delta, catalog: { database: silver } }
  uploads: { location: 's3://\${buckets.raw}/uploads', format: json, job: { name: clean } }
databricks: { host: https://dbc.example.com, secret: s, jobs: { clean: { id: 1 } } }
`

function lakeOf(text: string, stage?: string): Lake {
  const resolved = resolveLake(text, 'lake.yml', stage)
  if ('problems' in resolved) throw new Error(JSON.stringify(resolved.problems))
  return resolved.lake
}

function placesOf(text: string, stage?: string): string[] {
  const resolved = stage === undefined ? resolveStages(text, 'lake.yml') : resolveLake(text, 'lake.yml', stage)
  return 'problems' in resolved
    ? resolved.problems.map(({ line, column, path, message }) => `${line}:${column} ${path} ${message}`)
    : []
}

describe('an override applies', () => {
  const text = `${base}stages:
  prod:
    buckets: { raw: flights-raw-prod, lake: { name: flights-lake-old, existing: true } }
    tables: { flights: { catalog: { database: gold } }, uploads: null }
`
  test('to its own stage', () => {
    const lake = lakeOf(text, 'prod')
    expect(lake.stage).toBe('prod')
    expect(lake.buckets).toEqual({
      raw: { name: 'flights-raw-prod', existing: false },
      lake: { name: 'flights-lake-old', existing: true },
    })
    expect(lake.tables).toEqual({
      flights: {
        name: 'flights',
        location: { bucket: 'flights-lake-old', prefix: 'flights' },
        format: 'delta',
        partitions: [],
        catalog: { database: 'gold', table: 'flights' },
      },
    })
  })

  test('to no other stage', () => {
    expect(lakeOf(text)).toEqual(lakeOf(base))
    expect(lakeOf(text).buckets.lake?.name).toBe('flights-lake-dev')
  })
})

test('a lake without stages is valid for any stage, so that one can be tried without being declared', () => {
  expect(lakeOf(base, 'pr-12').buckets.lake?.name).toBe('flights-lake-pr-12')
})

test('a misspelt stage is refused, not deployed without its overrides', () => {
  const [place, ...rest] = placesOf(`${base}stages: { prod: {} }\n`, 'prd')
  expect(place).toBe("7:1 stages there is no stage 'prd'; did you mean 'prod'?")
  expect(rest).toEqual([])
})

test('a stage whose name AWS would reject is refused', () => {
  expect(placesOf(base, 'Pre_Prod')[0]).toContain('bad stage name')
})

describe('a problem that an override causes is reported at the override', () => {
  const cases = [
    { risk: 'a bad value', stage: 'buckets: { raw: Raw }', at: '9:21 stages.prod.buckets.raw bad bucket name' },
    {
      risk: 'a misspelt key',
      stage: 'tables: { flights: { formt: delta } }',
      at: '9:26 stages.prod.tables.flights.formt unknown key',
    },
    {
      risk: 'a required key removed',
      stage: 'tables: { flights: { location: null } }',
      at: "9:26 tables.flights.location an override removes 'location', which is required",
    },
    {
      risk: 'something removed that the base refers to',
      stage: 'databricks: { jobs: { clean: null } }',
      at: '9:27 tables.uploads.job.name an override removes databricks.jobs.clean',
    },
    {
      risk: 'the section around it removed',
      stage: 'databricks: null',
      at: '9:5 tables.uploads.job.name an override removes databricks.jobs.clean',
    },
    {
      risk: 'two tables made to overlap',
      stage: 'tables: { flights: { location: "s3://flights-raw/uploads/x" } }',
      at: '9:36 stages.prod.tables.flights.location location overlaps',
    },
    {
      risk: 'two buckets given one name',
      stage: 'buckets: { raw: flights-lake-prod }',
      at: '9:21 stages.prod.buckets.raw the bucket flights-lake-prod is already used by buckets.lake',
    },
    {
      risk: 'an unknown placeholder',
      stage: 'tables: { flights: { location: "s3://${buckets.x}" } }',
      at: '9:42 stages.prod.tables.flights.location unknown placeholder ${buckets.x}',
    },
    {
      risk: 'a new table without a format',
      stage: 'tables: { new: { location: s3://flights-raw/n } }',
      at: "9:15 stages.prod.tables.new.format missing key 'format'",
    },
    { risk: 'stages inside it', stage: 'stages: {}', at: '9:5 stages.prod.stages unknown key' },
  ]
  test.each(cases)('$risk', ({ stage, at }) => {
    const places = placesOf(`${base}stages:\n  prod:\n    ${stage}\n`)
    expect(places.filter((place) => place.startsWith(at))).toHaveLength(1)
    expect(places.every((place) => place.startsWith('9:'))).toBe(true)
  })

  test('a problem of the base is reported once, however many stages inherit it', () => {
    expect(placesOf(`${base.replace('json', 'jsn')}stages: { a: {}, b: {}, c: {} }\n`)).toHaveLength(1)
  })

  test('an override that is not a map', () => {
    expect(placesOf(`${base}stages: { prod: 7 }\n`)).toEqual([
      '7:17 stages.prod expected a map of overrides, found the number 7',
    ])
    expect(placesOf(`${base}stages: [prod]\n`)[0]).toContain('7:9 stages expected a map')
  })
})
