import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { command } from '../../../cli/check/command.ts'
import { UsageError } from '../../../cli/command.ts'

const folder = mkdtempSync(join(tmpdir(), 'landfall-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

const valid =
  'lake: flights\nbuckets: { lake: flights-lake }\ntables:\n  flights:\n    location: s3://${buckets.lake}/flights\n    format: delta\n'

async function check(
  text: string,
  args: readonly string[] = [],
  width = 100,
): Promise<{ code: number; out: string[]; err: string[]; file: string }> {
  const file = join(folder, 'lake.yml')
  writeFileSync(file, text)
  const out: string[] = []
  const err: string[] = []
  const code = await command.run([file, ...args], {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    width,
  })
  return { code, out, err, file }
}

test('a valid lake prints a summary and exits with 0', async () => {
  const { code, out, file } = await check(valid)
  expect(code).toBe(0)
  expect(out[0]).toBe(`${file} is valid: lake flights, stage dev, 1 bucket, 1 table`)
})

test('a problem is shown with its line and a caret, and exits with 1', async () => {
  const { code, out, err, file } = await check(valid.replace('location', 'locaton'))
  expect(code).toBe(1)
  expect(out).toEqual([
    `${file}:5:5  tables.flights.locaton  unknown key; did you mean 'location'?`,
    '  5 |     locaton: s3://${buckets.lake}/flights',
    '          ^',
  ])
  expect(err).toEqual([`${file}: 1 problem`])
})

test('a line that is wider than the terminal is omitted, since its caret would be misplaced', async () => {
  const { out } = await check(valid.replace('location', 'locaton'), [], 30)
  expect(out).toHaveLength(1)
})

test('a key that is not implemented yet is a warning and exits with 0', async () => {
  const { code, out } = await check(`${valid}    archive: [{ after: 90 days, to: GLACIER }]\n`)
  expect(code).toBe(0)
  expect(out[0]).toContain('7:5  tables.flights.archive  warning: `archive` is not implemented yet and is ignored')
})

test('--json prints one list with every field', async () => {
  const { code, out, file } = await check(valid.replace('delta', 'delte'), ['--json'])
  expect(code).toBe(1)
  expect(JSON.parse(out.join('\n'))).toEqual([
    {
      file,
      line: 6,
      column: 13,
      path: 'tables.flights.format',
      expected: 'one of delta, parquet, json, csv, avro',
      found: "'delte'",
      message: "unknown value: expected one of delta, parquet, json, csv, avro, found 'delte'; did you mean 'delta'?",
      suggestion: 'delta',
      severity: 'error',
    },
  ])
  expect(JSON.parse((await check(valid, ['--json'])).out.join('\n'))).toEqual([])
})

test('checks every stage, or the one of --stage', async () => {
  const text = `${valid}stages: { prod: { buckets: { lake: X } } }\n`
  expect((await check(text)).code).toBe(1)
  expect((await check(text, ['--stage', 'dev'])).code).toBe(0)
  expect((await check(text, ['--stage', 'prod'])).out[0]).toContain('stages.prod.buckets.lake  bad bucket name')
})

test('the summary of thousands of tables fits one screen', async () => {
  const tables = Array.from(
    { length: 2000 },
    (_, n) => `  t${n}: { location: s3://flights-lake/t${n}, format: delta }\n`,
  ).join('')
  const { code, out } = await check(valid + tables)
  expect(code).toBe(0)
  expect(out.length).toBeLessThan(24)
})

test('a missing file or wrong options throw, rather than count as a problem', async () => {
  const io = { out: () => {}, err: () => {}, width: 100 }
  await expect(command.run([join(folder, 'none.yml')], io)).rejects.toThrow('cannot read')
  await expect(command.run(['--stages', 'prod'], io)).rejects.toThrow(UsageError)
  await expect(command.run(['a.yml', 'b.yml'], io)).rejects.toThrow(UsageError)
})

test('the summary lists jobs, models, registries and reactions', async () => {
  const jobs =
    'databricks: { host: "https://dbc.example.com", secret: landfall/databricks, jobs: { clean: { id: 42 } } }\n'
  const models = `registries:
  main: { mlflow: "https://mlflow.example.com", secret: landfall/mlflow, artifacts: s3://models/root }
models:
  delay:
    registry: main
    promote: { alias: champion }
    endpoint: { name: delay, instance: ml.m5.large }
`
  const { code, out } = await check(`${valid}    job: { name: clean }\n${jobs}${models}`)
  expect(out.join('\n')).toContain('1 bucket, 1 table, 1 model')
  expect(code).toBe(0)
  expect(out.slice(2)).toEqual([
    '  table     flights  delta  s3://flights-lake/flights  job clean (42)',
    '  model     delay  delay of main, alias champion  endpoint delay  ml.m5.large × 1',
    '  registry  main  mlflow  https://mlflow.example.com  artifacts s3://models/root',
    '  reactions: job on 1 table, deployment on 1 endpoint',
  ])
})

test('the summary is aligned in columns, and never shortens a location', async () => {
  const place = 's3://flights-lake/a-place-with-a-long-name/up'
  const { out } = await check(`${valid}  up: { location: ${place}, format: json }\n`, [], 60)
  expect(out.filter((line) => line.startsWith('  table'))).toEqual([
    '  table     flights  delta  s3://flights-lake/flights',
    `  table     up       json   ${place}`,
  ])
})
