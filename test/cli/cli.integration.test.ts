import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DeleteTableCommand, GetTableCommand } from '@aws-sdk/client-glue'
import { GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import { CreateBucketCommand, DeleteBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { GetQueueAttributesCommand, GetQueueUrlCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import { main } from '../../cli/main.ts'
import { glue, lambda, s3, sqs } from '../../src/aws/clients.ts'
import { sendAll } from '../../src/aws/queue.ts'
import { projectWith } from '../world/project.ts'

const clients = { s3: s3(), sqs: sqs(), glue: glue(), lambda: lambda() }

const lakeYml = `lake: clitest
buckets:
  lake: clitest-lake
  gone: clitest-gone
  raw: { name: clitest-raw, existing: true }
tables:
  flights:
    location: s3://\${buckets.lake}/silver/flights
    format: delta
    catalog: { database: clitest_silver }
  airports:
    location: s3://\${buckets.gone}/gold/airports
    format: delta
    catalog: { database: clitest_gold }
  uploads:
    location: s3://\${buckets.raw}/uploads
    format: json
    partitions: [dt]
    catalog: { database: clitest_bronze }
`

let project: Awaited<ReturnType<typeof projectWith>>

beforeAll(async () => {
  await clients.s3.send(new CreateBucketCommand({ Bucket: 'clitest-raw' }))
  for (let i = 0; i < 30; i++) await put('clitest-raw', `uploads/dt=2026-01-0${1 + (i % 3)}/${i}.json`, `{"id":${i}}\n`)
  project = await projectWith(lakeYml)
  const { status, output } = await project.serverless('deploy', '--stage', 'local')
  expect([status, output]).toEqual([0, expect.stringContaining('deployed')])
}, 120_000)

afterAll(async () => {
  await project.remove()
  for (const client of Object.values(clients)) client.destroy()
})

const put = (Bucket: string, Key: string, Body: string) => clients.s3.send(new PutObjectCommand({ Bucket, Key, Body }))

/** `landfall ARGS` on the deployed lake. */
async function landfall(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []]
  const io = { out: (line: string) => out.push(line), err: (line: string) => err.push(line), width: 100 }
  const [command = '', ...rest] = args
  const code = await main([command, ...rest, project.lakeFile, '--stage', 'local'], io)
  return { code, out: out.join('\n'), err: err.join('\n'), json: () => JSON.parse(out.join('\n')) as unknown }
}

/** Commits a version of a Delta table that has as many columns as versions. */
async function commit(bucket: string, prefix: string, version: number): Promise<void> {
  const fields = Array.from({ length: version + 1 }, (_, i) => ({
    name: `c${i}`,
    type: 'long',
    nullable: true,
    metadata: {},
  }))
  const metaData = {
    id: 'x',
    format: { provider: 'parquet', options: {} },
    schemaString: JSON.stringify({ type: 'struct', fields }),
    partitionColumns: [],
    configuration: {},
  }
  const actions = [
    { commitInfo: { timestamp: 1_000 + version } },
    ...(version === 0 ? [{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }] : []),
    { metaData },
  ]
  const key = `${prefix}/_delta_log/${String(version).padStart(20, '0')}.json`
  await put(bucket, key, actions.map((action) => JSON.stringify(action)).join('\n'))
}

async function record(DatabaseName: string, Name: string) {
  try {
    return (await clients.glue.send(new GetTableCommand({ DatabaseName, Name }))).Table
  } catch (error) {
    if ((error as Error).name !== 'EntityNotFoundException') throw error
    return undefined
  }
}

const columnsOf = async (database: string, table: string) =>
  (await record(database, table))?.StorageDescriptor?.Columns?.length

const drop = (DatabaseName: string, Name: string) => clients.glue.send(new DeleteTableCommand({ DatabaseName, Name }))

/** Calls `look` until `isThere` holds for its answer, for at most 20 s. */
async function eventually<T>(look: () => Promise<T>, isThere: (found: T) => boolean): Promise<T> {
  for (const end = Date.now() + 20_000; ; await sleep(100)) {
    const found = await look()
    if (isThere(found) || Date.now() > end) return found
  }
}

interface StatusJson {
  readonly subjects: readonly { subject: string; version: number | null; done: string }[]
  readonly queues: readonly { queue: string; waiting: number; dead: number; paused: boolean }[]
}
const status = async () => (await landfall('status', '--json')).json() as StatusJson
const catalogQueue = async () => (await status()).queues.find(({ queue }) => queue === 'catalog')!
const flights = async () => (await status()).subjects.find(({ subject }) => subject === 'table/flights')!

describe("an operator's commands, on a deployed lake", () => {
  test('commits wait while the catalog is paused, and are processed in one go when it is resumed', async () => {
    expect(await landfall('pause', 'catalog')).toMatchObject({ code: 0, out: expect.stringContaining('is paused') })
    expect(await landfall('pause', 'catalog')).toMatchObject({ code: 0, out: expect.stringContaining('already') })
    for (const version of [0, 1, 2]) await commit('clitest-lake', 'silver/flights', version)
    expect(await eventually(catalogQueue, ({ waiting }) => waiting === 3)).toMatchObject({ waiting: 3, paused: true })
    expect(await record('clitest_silver', 'flights')).toBeUndefined()
    expect(await landfall('resume', 'catalog', '--json')).toMatchObject({ code: 0 })
    expect(
      await eventually(
        () => columnsOf('clitest_silver', 'flights'),
        (count) => count === 3,
      ),
    ).toBe(3)
    expect((await catalogQueue()).paused).toBe(false)
  }, 60_000)

  test('a sweep restores a dropped table and says so; the next sweep finds nothing to do', async () => {
    await drop('clitest_silver', 'flights')
    const swept = await landfall('sweep', 'flights')
    expect([swept.code, swept.out, swept.err]).toEqual([
      0,
      expect.stringMatching(/table\/flights +catalog +2 +repaired/),
      '',
    ])
    expect(await columnsOf('clitest_silver', 'flights')).toBe(3)
    expect(await landfall('sweep', 'table/flights')).toMatchObject({ code: 0, out: expect.stringMatching(/2 +idle/) })
    expect(await landfall('sweep', 'fligths')).toMatchObject({
      code: 2,
      err: expect.stringContaining("no subject 'fligths'; it has table/flights, table/airports, table/uploads"),
    })
  }, 60_000)

  test('a replay compares everything again, any number of times, but not beyond the newest version', async () => {
    const before = await flights()
    await drop('clitest_silver', 'flights')
    const replayed = await landfall('replay', 'flights', '--from', '1')
    expect([replayed.code, replayed.out, replayed.err]).toEqual([
      0,
      expect.stringContaining('reprocessing versions 1–2'),
      '',
    ])
    expect(
      await eventually(
        () => columnsOf('clitest_silver', 'flights'),
        (count) => count === 3,
      ),
    ).toBe(3)
    expect(await eventually(flights, ({ done, version }) => done > before.done && version === 2)).toMatchObject({
      version: 2,
    })
    expect(await landfall('replay', 'flights', '--from', '0', '--json')).toMatchObject({ code: 0 })
    expect(await landfall('replay', 'flights', '--from', '0', '--reaction', 'catalog')).toMatchObject({ code: 0 })
    expect(await eventually(flights, ({ version }) => version === 2)).toMatchObject({ version: 2 })
    expect(await landfall('replay', 'flights', '--from', '9')).toMatchObject({
      code: 1,
      err: expect.stringContaining('flights is at version 2'),
    })
    expect(await landfall('replay', 'flights', '--from', '0', '--reaction', 'job')).toMatchObject({ code: 2 })
  }, 60_000)

  test('a dead-lettered message is shown with its reason, and is processed once it is requeued', async () => {
    await deadLetterAtOnce('landfall-clitest-local-catalog')
    await clients.s3.send(new DeleteBucketCommand({ Bucket: 'clitest-gone' }))
    const { QueueUrl = '' } = await clients.sqs.send(
      new GetQueueUrlCommand({ QueueName: 'landfall-clitest-local-catalog' }),
    )
    await sendAll(clients.sqs, QueueUrl, [{ subject: 'table/airports', version: 0 }])
    expect(await eventually(catalogQueue, ({ dead }) => dead === 1)).toMatchObject({ dead: 1 })
    const shown = await landfall('status')
    expect([shown.code, shown.out]).toEqual([1, expect.stringContaining('catalog: 1 message dead-lettered')])

    // The new bucket sends no events: only the dead-lettered message can trigger the catalog.
    await clients.s3.send(new CreateBucketCommand({ Bucket: 'clitest-gone' }))
    await commit('clitest-gone', 'gold/airports', 0)
    const listed = await landfall('redrive', '--dry-run')
    expect([listed.code, listed.out]).toEqual([0, expect.stringMatching(/after 1 tries: .*bucket/i)])
    expect(listed.out).toContain('"table/airports"')
    expect(await record('clitest_gold', 'airports')).toBeUndefined()
    expect((await landfall('redrive', 'catalog', '--json')).json()).toMatchObject({ found: 1, moved: 1 })
    expect(
      await eventually(
        () => columnsOf('clitest_gold', 'airports'),
        (count) => count === 1,
      ),
    ).toBe(1)
    expect(await landfall('redrive')).toMatchObject({ code: 0, out: 'No dead-lettered messages' })
    expect(await catalogQueue()).toMatchObject({ dead: 0 })
  }, 60_000)

  test('a backfill adds existing objects to the landing log once, and triggers the reactions', async () => {
    const first = await landfall('backfill', 'uploads', '--json')
    expect([first.code, first.json()]).toMatchObject([0, { added: 30, removed: 0, newest: 0, done: true }])
    expect((await landfall('backfill', 'uploads', '--json')).json()).toMatchObject({ added: 0, newest: 0, done: true })
    expect(
      await eventually(
        () => columnsOf('clitest_bronze', 'uploads'),
        (count) => count === 1,
      ),
    ).toBe(1)
    expect(await landfall('backfill', 'flights')).toMatchObject({
      code: 0,
      out: expect.stringContaining('triggered: catalog'),
    })
  }, 60_000)
})

/** Dead-letters after one try: ten tries take more than an hour. */
async function deadLetterAtOnce(name: string): Promise<void> {
  const { Environment } = await clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }))
  const Variables = { ...Environment?.Variables, MAX_RECEIVES: '1' }
  await clients.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: name, Environment: { Variables } }))
  const { QueueUrl } = await clients.sqs.send(new GetQueueUrlCommand({ QueueName: name }))
  const { Attributes = {} } = await clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] }),
  )
  const policy = JSON.parse(Attributes['RedrivePolicy'] ?? '{}') as object
  const RedrivePolicy = JSON.stringify({ ...policy, maxReceiveCount: 1 })
  await clients.sqs.send(
    new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy, VisibilityTimeout: '1' } }),
  )
}
