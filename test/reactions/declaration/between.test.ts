import { expect, test } from '@jest/globals'
import { describeFaults, problemsOf, type Row } from './faults.ts'
import { validLake } from './valid-lake.ts'

/** Problems that involve more than one key, or the value of one. */
const rows: readonly Row[] = [
  {
    risk: 'the same bucket twice',
    replace: [3, '  raw: flights-lake'],
    at: '4:17 buckets.lake.name',
    says: 'the bucket flights-lake is already used by buckets.raw',
  },
  {
    risk: 'a table in an undeclared bucket',
    replace: [13, '    location: s3://flights-rav/uploads'],
    at: '13:15 tables.uploads.location',
    says: 'not declared under buckets',
    suggestion: 'flights-raw',
  },
  {
    risk: 'a location with another scheme',
    replace: [13, '    location: s3a://flights-raw/uploads'],
    at: '13:15 tables.uploads.location',
    says: 'bad location',
    suggestion: 's3://flights-raw/uploads',
  },
  {
    risk: 'a location with a wildcard',
    replace: [13, '    location: s3://flights-raw/up*'],
    at: '13:15 tables.uploads.location',
    says: 'without "*"',
  },
  {
    risk: 'a location with an empty part',
    replace: [13, '    location: s3://flights-raw/a//b'],
    at: '13:15 tables.uploads.location',
    says: 'empty part',
    suggestion: 's3://flights-raw/a/b',
  },
  {
    risk: 'a location inside a Delta log',
    replace: [7, '    location: s3://flights-lake/a/_delta_log'],
    at: '7:15 tables.flights.location',
    says: 'without _delta_log',
  },
  {
    risk: 'two tables at one location',
    replace: [13, '    location: s3://flights-lake/silver/flights/'],
    at: '13:15 tables.uploads.location',
    says: 'same location as tables.flights',
  },
  {
    risk: 'a table inside another',
    replace: [13, '    location: s3://flights-lake/silver/flights/raw'],
    at: '13:15 tables.uploads.location',
    says: 'overlaps with tables.flights',
  },
  {
    risk: 'a table around another',
    replace: [13, '    location: s3://flights-lake/silver'],
    at: '13:15 tables.uploads.location',
    says: 'overlaps with tables.flights',
  },
  {
    risk: 'a whole bucket around another table',
    replace: [13, '    location: s3://flights-lake'],
    at: '13:15 tables.uploads.location',
    says: 'overlaps with tables.flights',
  },
  {
    risk: 'two tables with one Glue name',
    replace: [17, '    catalog: { database: silver, table: flights }'],
    at: '17:41 tables.uploads.catalog.table',
    says: 'the Glue table silver.flights is already used by tables.flights.catalog',
  },
  {
    risk: 'a Glue name with an upper-case letter',
    replace: [9, '    catalog: { database: Silver }'],
    at: '9:26 tables.flights.catalog.database',
    says: 'bad Glue name',
    suggestion: 'silver',
  },
  {
    risk: 'a Glue name that is too long',
    replace: [9, `    catalog: { database: ${'a'.repeat(256)} }`],
    at: '9:26 tables.flights.catalog.database',
    says: '1 to 255',
  },
  {
    risk: 'partitions of a Delta table',
    replace: [9, '    partitions: [dt]'],
    at: '9:5 tables.flights.partitions',
    says: 'no partitions on a Delta table',
  },
  {
    risk: 'a partition column twice',
    replace: [15, '    partitions: [dt, hour, dt]'],
    at: '15:28 tables.uploads.partitions[2]',
    says: 'twice',
  },
  {
    risk: 'an invalid partition column',
    replace: [15, '    partitions: [dt=1]'],
    at: '15:18 tables.uploads.partitions[0]',
    says: 'bad column name',
  },
  {
    risk: 'a merge without keys',
    replace: [10, '    load: { warehouse: analytics, target: t, mode: merge }'],
    at: '10:52 tables.flights.load.keys',
    says: 'mode merge needs',
  },
]

describeFaults(validLake, rows)

test('locations whose names share a beginning do not overlap', () => {
  const text = validLake.split('\n').with(12, '    location: s3://flights-lake/silver/flights-old').join('\n')
  expect(problemsOf(text)).toEqual([])
})
