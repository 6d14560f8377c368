import { describe, expect, test } from '@jest/globals'
import { resolveLake } from '../../../src/reactions/declaration/resolve.ts'

const lake = (format: string, partitions: string, catalog = '{ database: bronze }') => `lake: flights
buckets: { raw: flights-raw }
tables:
  uploads:
    location: s3://flights-raw/uploads
    format: ${format}
    partitions: ${partitions}
    catalog: ${catalog}
`

function tableOf(text: string) {
  const resolved = resolveLake(text, 'lake.yml')
  if (!('lake' in resolved)) throw new Error(JSON.stringify(resolved.problems))
  return resolved.lake.tables['uploads']
}

describe('partitions', () => {
  test.each<[string, object]>([
    ['[dt, hour]', { partitions: ['dt', 'hour'] }],
    ['[{ name: dt, type: date }, { name: hour }]', { partitions: ['dt', 'hour'], partitionTypes: { dt: 'date' } }],
    ['{ pattern: "{dt}/{hour}" }', { partitions: ['dt', 'hour'], partitionPattern: '{dt}/{hour}' }],
    [
      '{ pattern: "data/y{year:int}-{month}/{day:date}" }',
      {
        partitions: ['year', 'month', 'day'],
        partitionTypes: { year: 'int', day: 'date' },
        partitionPattern: 'data/y{year}-{month}/{day}',
      },
    ],
  ])('are resolved from %s', (partitions, expected) => {
    const { partitions: names, partitionTypes, partitionPattern } = tableOf(lake('json', partitions)) ?? {}
    const found = { partitions: names, partitionTypes, partitionPattern }
    expect(JSON.parse(JSON.stringify(found))).toEqual(expected)
  })

  test.each([
    ['a column twice', '[dt, DT]', 'tables.uploads.partitions[1]', 'appears twice in the list'],
    [
      'a column twice, once as a map',
      '[dt, { name: dt }]',
      'tables.uploads.partitions[1].name',
      'appears twice in the list',
    ],
    ['a column twice in a pattern', '{ pattern: "{dt}/{dt}" }', 'tables.uploads.partitions.pattern', 'twice'],
    ['an unknown type', '[{ name: dt, type: time }]', 'tables.uploads.partitions[0].type', 'one of string, int'],
    ['a pattern without columns', '{ pattern: "a/b" }', 'tables.uploads.partitions.pattern', 'columns in braces'],
    [
      'a pattern with a slash at an end',
      '{ pattern: "{dt}/" }',
      'tables.uploads.partitions.pattern',
      'none at the ends',
    ],
    [
      'columns without a separator',
      '{ pattern: "{a}{b}" }',
      'tables.uploads.partitions.pattern',
      'a separator between',
    ],
    ['an unknown type in a pattern', '{ pattern: "{a:time}" }', 'tables.uploads.partitions.pattern', "after 'a:'"],
    ['a brace too many', '{ pattern: "{a}}" }', 'tables.uploads.partitions.pattern', 'columns in braces'],
  ])('are refused with %s', (_risk, partitions, path, says) => {
    const resolved = resolveLake(lake('json', partitions), 'lake.yml')
    const problems = 'problems' in resolved ? resolved.problems : []
    expect(problems.map((problem) => problem.path)).toEqual([path])
    expect(problems[0]?.message).toContain(says)
  })
})

describe('the catalog of a table of files', () => {
  test('may have drift and projection', () => {
    const projection = '{ dt: { type: date, range: "2020-01-01,NOW", format: yyyy-MM-dd } }'
    expect(
      tableOf(lake('csv', '[dt]', `{ database: bronze, drift: rescue, projection: ${projection} }`))?.catalog,
    ).toEqual({
      database: 'bronze',
      table: 'uploads',
      drift: 'rescue',
      projection: { dt: { type: 'date', range: '2020-01-01,NOW', format: 'yyyy-MM-dd' } },
    })
  })

  test.each([
    ['an unknown drift', 'json', '{ database: b, drift: merge }', ['tables.uploads.catalog.drift']],
    [
      'a projected column that is not a partition column',
      'json',
      '{ database: b, projection: { dt: { type: injected }, x: { type: injected } } }',
      ['tables.uploads.catalog.projection.x'],
    ],
    [
      'a partition column that is not projected',
      'json',
      '{ database: b, projection: {} }',
      ['tables.uploads.catalog.projection.dt'],
    ],
    [
      'a date without its format',
      'json',
      '{ database: b, projection: { dt: { type: date, range: "2020-01-01,NOW" } } }',
      ['tables.uploads.catalog.projection.dt.format'],
    ],
    [
      'an enum without values',
      'json',
      '{ database: b, projection: { dt: { type: enum } } }',
      ['tables.uploads.catalog.projection.dt.values'],
    ],
    [
      'drift on a Delta table',
      'delta',
      '{ database: b, drift: strict }',
      ['tables.uploads.partitions', 'tables.uploads.catalog.drift'],
    ],
  ])('is refused with %s', (_risk, format, catalog, paths) => {
    const resolved = resolveLake(lake(format, '[dt]', catalog), 'lake.yml')
    expect('problems' in resolved && resolved.problems.map((problem) => problem.path)).toEqual(paths)
  })
})
