/**
 * 10,000 files in 1,000 partitions. The real functions run in a process here and call an emulator through a counting proxy. The
 * peer is awswrangler, which gets the same result by listing and reading. Then the memory for ten times as many files, and the
 * delay of a job that starts after a quiet time.
 */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CreateEventBusCommand } from '@aws-sdk/client-eventbridge'
import { CreateDatabaseCommand, GetTableCommand, paginateGetPartitions } from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { childEnvironment, type Emulator, startEmulator, useEmulator } from '../local/cloud/emulator.ts'
import { dynamodb, eventbridge, glue, s3 } from '../src/aws/clients.ts'
import { serializeLake } from '../src/lake/lake-json.ts'
import { resolveLake } from '../src/reactions/declaration/resolve.ts'
import { createLedger } from '../test/world/ledger-table.ts'
import { countingProxy, type CountingProxy } from './counting-proxy.ts'
import { atMost, beside, type Figure, type Figures } from './figure.ts'
import { BUCKET, fileAt, PARTITIONS, PREFIX } from './files/names.ts'
import { quietFigures } from './files/quiet.ts'

const ROOT = join(import.meta.dirname, '..')
const FILES = 10_000
const MORE = 100_000
const DATABASE = 'bench'
const PEER = 'awswrangler store_parquet_metadata'
/** Uploads at a time. */
const AT_ONCE = 16

export const figures: Figures = async (say) => {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-bench-'))
  try {
    const python = peerPython(folder, say)
    return [...(await landingFigures(folder, python, say)), ...(await quietFigures(say))]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function landingFigures(folder: string, python: string, say: (line: string) => void): Promise<Figure[]> {
  const emulator = await startEmulator({ auth: false })
  useEmulator(emulator)
  const proxy = await countingProxy(emulator.endpoint)
  try {
    say(`uploads ${FILES} files`)
    const size = await prepare(folder)
    say('passing their events to the functions')
    const ours = await land(FILES, size, { folder, ledger: 'few', emulator, proxy })
    const counted = tally(proxy)
    say(`the functions: ${JSON.stringify(counted)}`)
    await expectPartitions('landed')
    say('running awswrangler, reading every file, and reading one in a thousand')
    const all = await peer('peer', 1, python, { emulator, proxy })
    const few = await peer('peer_few', 0.001, python, { emulator, proxy })
    say(`the peer: ${JSON.stringify(all.counted)}; reading few: ${JSON.stringify(few.counted)}`)
    say('passing ten times as many events')
    const more = await land(MORE, size, { folder, ledger: 'many', emulator, proxy })
    return [
      atMost('files/partition-calls', 'calls', counted.partitionCalls, 10),
      beside('files/aws-calls', 'calls', counted.all, PEER, all.counted.all, 1),
      atMost('files/transactions-per-1000', 'calls', (counted.transactions * 1000) / FILES, 15),
      beside('files/until-the-catalog-is-right', 's', ours.ms / 1000, PEER, all.ms / 1000, 1),
      beside('files/until-it-is-right-few-read', 's', ours.ms / 1000, `${PEER}, sampling 0.001`, few.ms / 1000, 2),
      beside('files/memory-of-100000', 'MB', more.megabytes, 'of 10,000', ours.megabytes, 1.5),
    ]
  } finally {
    await proxy.close()
    await emulator.stop()
  }
}

/** A Python with awswrangler, in its own folder, since it is large and only used here. */
function peerPython(folder: string, say: (line: string) => void): string {
  const [venv, python] = [join(folder, 'venv'), join(folder, 'venv/bin/python')]
  const wanted = join(import.meta.dirname, 'files/requirements.txt')
  say('installs awswrangler')
  execFileSync(join(ROOT, '.venv/bin/python'), ['-m', 'venv', venv])
  const options = ['--require-hashes', '--only-binary=:all:', '--disable-pip-version-check', '--no-input', '--quiet']
  execFileSync(python, ['-m', 'pip', 'install', ...options, '-r', wanted], { stdio: ['ignore', 'inherit', 'inherit'] })
  if (!existsSync(python)) throw new Error(`${python} was not created`)
  return python
}

/** Writes the files and creates what a deploy would, except rules: events are passed directly. Returns the size of a file. */
async function prepare(folder: string): Promise<number> {
  const lakeYml = join(import.meta.dirname, 'files/lake.yml')
  const resolved = resolveLake(readFileSync(lakeYml, 'utf8'), lakeYml, 'local')
  if ('problems' in resolved) throw new Error(`${lakeYml}: ${resolved.problems[0]?.message}`)
  writeFileSync(join(folder, 'lake.json'), serializeLake(resolved.lake))
  const [database, events, catalog, objects] = [dynamodb(), eventbridge(), glue(), s3()]
  for (const ledger of ['few', 'many']) await createLedger(database, ledger)
  await events.send(new CreateEventBusCommand({ Name: DATABASE }))
  await catalog.send(new CreateDatabaseCommand({ DatabaseInput: { Name: DATABASE } }))
  await objects.send(new CreateBucketCommand({ Bucket: BUCKET }))
  const size = await upload(objects)
  for (const client of [database, events, catalog, objects]) client.destroy()
  return size
}

async function upload(client: S3Client): Promise<number> {
  const Body = new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'flight', data: [1n, 2n, 3n], type: 'INT64' },
        { name: 'origin', data: ['ORD', 'DTW', 'LAS'], type: 'STRING' },
        { name: 'delay', data: [0.5, 1.5, -2], type: 'DOUBLE' },
      ],
    }),
  )
  let next = 0
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let i = next++; i < FILES; i = next++)
        await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${PREFIX}/${fileAt(i, FILES)}`, Body }))
    }),
  )
  return Body.length
}

interface Around {
  readonly emulator: Emulator
  readonly proxy: CountingProxy
}

interface Measured {
  readonly ms: number
  readonly megabytes: number
}

async function land(
  files: number,
  size: number,
  { folder, ledger, emulator, proxy }: Around & { folder: string; ledger: string },
): Promise<Measured> {
  proxy.clear()
  const environment = {
    ...childEnvironment(emulator, process.env),
    AWS_ENDPOINT_URL: proxy.endpoint,
    LAKE_FILE: join(folder, 'lake.json'),
    LEDGER_TABLE: ledger,
    BUS_NAME: DATABASE,
    QUEUES: '{}',
    MAX_RECEIVES: '10',
  }
  const args = ['--no-warnings', join(import.meta.dirname, 'files/ours.ts'), String(files), String(size)]
  return (await run(process.execPath, args, environment)) as Measured
}

async function peer(table: string, sampling: number, python: string, { emulator, proxy }: Around) {
  proxy.clear()
  const args = [join(import.meta.dirname, 'files/peer.py'), proxy.endpoint, `s3://${BUCKET}/${PREFIX}/`, DATABASE]
  const environment = childEnvironment(emulator, process.env)
  const { ms } = (await run(python, [...args, table, String(sampling)], environment)) as { readonly ms: number }
  const counted = tally(proxy)
  await expectPartitions(table)
  return { ms, counted }
}

async function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<unknown> {
  const { stdout } = await promisify(execFile)(file, args, { env, maxBuffer: 2 ** 26 })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

function tally({ calls }: CountingProxy) {
  const count = (pattern: RegExp) => calls.filter(({ name }) => pattern.test(name)).length
  return {
    all: calls.length,
    s3: count(/^s3:/),
    glue: count(/^glue:/),
    partitionCalls: count(/^glue:.*Partition/),
    dynamodb: count(/^dynamodb:/),
    transactions: count(/^dynamodb:TransactWriteItems/),
  }
}

/** Both must have the same result. */
async function expectPartitions(table: string): Promise<void> {
  const client = glue()
  const { Table } = await client.send(new GetTableCommand({ DatabaseName: DATABASE, Name: table }))
  const columns = Table?.StorageDescriptor?.Columns?.map(({ Name, Type }) => `${Name} ${Type}`).join(', ')
  let partitions = 0
  for await (const page of paginateGetPartitions({ client }, { DatabaseName: DATABASE, TableName: table }))
    partitions += page.Partitions?.length ?? 0
  client.destroy()
  if (partitions !== PARTITIONS || columns !== 'flight bigint, origin string, delay double')
    throw new Error(`${DATABASE}.${table} has ${partitions} partitions and the columns ${columns}`)
}
