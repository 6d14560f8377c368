import { expect, test } from '@jest/globals'
import { describeFaults, problemsOf, type Row } from './faults.ts'
import { validLake } from './valid-lake.ts'

const rows: readonly Row[] = [
  {
    risk: 'a misspelt key',
    replace: [7, '    locaton: s3://flights-lake/a'],
    at: '7:5 tables.flights.locaton',
    says: 'unknown key',
    suggestion: 'location',
  },
  {
    risk: 'a misspelt section',
    replace: [18, 'streems:'],
    at: '18:1 streems',
    says: 'unknown key',
    suggestion: 'streams',
  },
  {
    risk: 'a key unlike any other',
    replace: [9, '    retention: 7'],
    at: '9:5 tables.flights.retention',
    says: 'expected one of location, format',
  },
  { risk: 'a missing key', replace: [8, ''], at: '6:3 tables.flights.format', says: "missing key 'format'" },
  {
    risk: 'a key without a value',
    replace: [8, '    format:'],
    at: '8:5 tables.flights.format',
    says: 'found nothing',
  },
  {
    risk: 'a number for a text',
    replace: [9, '    catalog: { database: 2024 }'],
    at: '9:26 tables.flights.catalog.database',
    says: 'found the number 2024',
    suggestion: '"2024"',
  },
  {
    risk: 'a text for a number',
    replace: [16, '    job: { name: clean, files: many }'],
    at: '16:32 tables.uploads.job.files',
    says: "expected a whole number, found 'many'",
  },
  {
    risk: 'no files at all',
    replace: [16, '    job: { name: clean, files: 0 }'],
    at: '16:32 tables.uploads.job.files',
    says: 'at least 1',
  },
  {
    risk: 'a list for a map',
    replace: [9, '    catalog: [silver]'],
    at: '9:14 tables.flights.catalog',
    says: 'expected a map, found a list',
  },
  {
    risk: 'an empty list',
    replace: [15, '    partitions: []'],
    at: '15:17 tables.uploads.partitions',
    says: 'at least one',
  },
  {
    risk: 'an unknown format',
    replace: [14, '    format: iceberg'],
    at: '14:13 tables.uploads.format',
    says: 'one of delta, parquet, json, csv, avro',
  },
  {
    risk: 'a format with an upper-case letter',
    replace: [8, '    format: Delta'],
    at: '8:13 tables.flights.format',
    says: 'unknown value',
    suggestion: 'delta',
  },
  {
    risk: 'a bucket with an upper-case letter',
    replace: [3, '  raw: Flights_raw'],
    at: '3:8 buckets.raw',
    says: 'bad bucket name',
    suggestion: 'flights-raw',
  },
  {
    risk: 'a bucket named like an IP address',
    replace: [3, '  raw: 10.0.0.1'],
    at: '3:8 buckets.raw',
    says: 'IP address',
  },
  { risk: 'a bucket name that S3 reserves', replace: [3, '  raw: raw--x-s3'], at: '3:8 buckets.raw', says: '--x-s3' },
  { risk: 'a bucket of two letters', replace: [3, '  raw: ab'], at: '3:8 buckets.raw', says: '3 to 63' },
  {
    risk: 'a bucket that is a list',
    replace: [3, '  raw: [flights-raw]'],
    at: '3:8 buckets.raw',
    says: 'expected text or a map, found a list',
  },
  {
    risk: 'an undeclared warehouse',
    replace: [10, '    load: { warehouse: analytcs, target: t }'],
    at: '10:24 tables.flights.load.warehouse',
    says: 'not declared under warehouses',
    suggestion: 'analytics',
  },
  {
    risk: 'an undeclared job',
    replace: [16, '    job: { name: clear }'],
    at: '16:18 tables.uploads.job.name',
    says: 'not declared under databricks.jobs',
    suggestion: 'clean',
  },
  {
    risk: 'a stream into an undeclared table',
    replace: [19, '  p: { kinesis: p, into: flight, schema: p.json }'],
    at: '19:26 streams.p.into',
    says: 'not declared under tables',
    suggestion: 'flights',
  },
  {
    risk: 'a stream into a table of files',
    replace: [19, '  p: { kinesis: p, into: uploads, schema: p.json }'],
    at: '19:26 streams.p.into',
    says: 'not a Delta table: expected a table of format delta',
  },
  {
    risk: 'an undeclared registry',
    replace: [22, '    registry: mian'],
    at: '22:15 models.delay.registry',
    says: 'not declared under registries',
    suggestion: 'main',
  },
  {
    risk: 'a name that every JavaScript object has',
    replace: [22, '    registry: constructor'],
    at: '22:15 models.delay.registry',
    says: 'not declared under registries',
  },
  {
    risk: 'a duration with another spelling',
    replace: [11, '    archive: [{ after: 3 hours, to: GLACIER }]'],
    at: '11:24 tables.flights.archive[0].after',
    says: 'bad duration',
    suggestion: '3 h',
  },
  {
    risk: 'a duration without a unit',
    replace: [16, '    job: { name: clean, quiet: 20 }'],
    at: '16:32 tables.uploads.job.quiet',
    says: 'found the number 20',
  },
  {
    risk: 'credentials over plain HTTP',
    replace: [26, "registries: { main: { mlflow: 'http://mlflow.example.com', secret: s, artifacts: s3://mlflow } }"],
    at: '26:31 registries.main.mlflow',
    says: 'https://',
    suggestion: 'https://mlflow.example.com',
  },
  {
    risk: 'an undeclared bucket',
    replace: [7, '    location: s3://${buckets.lak}/silver'],
    at: '7:20 tables.flights.location',
    says: 'unknown placeholder ${buckets.lak}',
    suggestion: '${buckets.lake}',
  },
  {
    risk: 'an environment variable as a placeholder',
    replace: [7, '    location: "s3://${buckets.lake}/${env.HOME}"'],
    at: '7:37 tables.flights.location',
    says: 'unknown placeholder ${env.HOME}',
  },
  {
    risk: 'an unfinished placeholder',
    replace: [7, '    location: s3://${buckets.lake/silver'],
    at: '7:20 tables.flights.location',
    says: 'unfinished placeholder',
  },
  {
    risk: 'a bucket named after a bucket',
    replace: [3, '  raw: ${buckets.lake}-raw'],
    at: '3:8 buckets.raw',
    says: 'unknown placeholder ${buckets.lake}',
  },
  {
    risk: 'a table name with an upper-case letter',
    replace: [12, '  Uploads:'],
    at: '12:3 tables.Uploads',
    says: 'bad name',
    suggestion: 'uploads',
  },
  {
    risk: 'a table twice',
    replace: [12, '  flights:'],
    at: '12:3 tables.flights',
    says: 'duplicate key; flights is already on line 6',
  },
  {
    risk: 'a lake name that makes function names too long for Lambda',
    replace: [1, `lake: ${'a'.repeat(39)}`],
    at: '1:7 lake',
    says: 'fewer than 40 characters',
  },
  {
    risk: 'a key that JavaScript treats specially',
    replace: [12, '  __proto__:'],
    at: '12:3 tables',
    says: 'bad key',
  },
  { risk: 'a key that is a list', replace: [9, '    ? [a]'], at: '9:7 tables.flights', says: 'bad key' },
  {
    risk: 'an unknown alias',
    replace: [9, '    catalog: *nothing'],
    at: '9:14 tables.flights.catalog',
    says: 'unknown alias *nothing',
  },
  {
    risk: 'an alias inside its own anchor',
    replace: [9, '    catalog: &c { database: *c }'],
    at: '9:29 tables.flights.catalog.database',
    says: 'inside its own anchor',
  },
  {
    risk: 'a tag',
    replace: [9, '    catalog: !glue { database: silver }'],
    at: '9:14 ',
    says: 'invalid YAML: unresolved tag: !glue',
  },
]

const lines = validLake.split('\n')

describeFaults(validLake, rows)

test('all faults are reported at once, in the order of the file', () => {
  const faults = rows.filter((row, index) => index === rows.findIndex((other) => other.replace[0] === row.replace[0]))
  const all = problemsOf(
    faults.reduce((text, { replace: [line, with_] }) => text.with(line - 1, with_), lines).join('\n'),
  )
  const places = all.map(({ line, column }) => line * 1000 + column)
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(new Set(all.map(({ line }) => line)).size).toBeGreaterThan(12)
})

test('several syntax errors are reported together, each at its position', () => {
  const problems = problemsOf('lake: @x\nbuckets: `raw\n')
  expect(problems.map(({ line, column }) => `${line}:${column}`)).toEqual(['1:7', '2:10'])
  expect(problems[0]?.message).toMatch(/^invalid YAML: /)
})

test('a list in place of a map is one problem, without problems about names', () => {
  const problems = problemsOf('lake: flights\nbuckets: { lake: flights-lake }\nmodels: [delay]\n')
  expect(problems.map(({ message }) => message)).toEqual(['wrong type: expected a map, found a list'])
})
