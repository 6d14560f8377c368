/** From an S3 event to the Glue table, with deployed functions: the number of AWS calls, and the time beside a path that does nothing. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import { deploy } from '../local/cloud/deploy.ts'
import { startEmulator } from '../local/cloud/emulator.ts'
import { eventbridge, s3, sqs } from '../src/aws/clients.ts'
import { names } from '../src/lake/resource-names.ts'
import type { Lake } from '../src/lake/lake.ts'
import { DeltaWriter } from '../test/world/delta-writer.ts'
import { type Call, countingProxy, SIGN, type CountingProxy } from './counting-proxy.ts'
import { atMost, beside, type Figure, type Figures, percentile } from './figure.ts'

const PUTS = 100
const NOOP = 'noop/'

export const figures: Figures = async (say) => {
  const emulator = await startEmulator()
  Object.assign(process.env, emulator.environment)
  const proxy = await countingProxy(emulator.endpoint)
  try {
    say('deploys to the emulator')
    const { lake } = await deploy(emulator, { lakeFile: join(import.meta.dirname, 'catalog/lake.yml') })
    await pointFunctionsAt(lake, proxy.endpoint)
    const bucket = lake.tables['flights']?.location.bucket ?? ''
    const client = s3()
    const put = async (Key: string, Body: string) =>
      void (await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body })))
    const writer = new DeltaWriter(put, lake.tables['flights']?.location.prefix ?? '')
    const counted = await countCalls(writer, proxy, say)
    await makeNoop(bucket, proxy.endpoint, names(lake).fn('commits'))
    const timed = await timePuts(writer, put, proxy, say)
    client.destroy()
    return [...counted, ...timed]
  } finally {
    await proxy.close()
    await emulator.stop()
  }
}

/** Counts the calls of a deployed function: its own setting overrides the emulator's. */
async function pointFunctionsAt(lake: Lake, endpoint: string): Promise<void> {
  const client = new LambdaClient({})
  for (const name of ['commits', 'catalog']) {
    const FunctionName = names(lake).fn(name)
    const { Environment } = await client.send(new GetFunctionConfigurationCommand({ FunctionName }))
    await client.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName,
        Environment: { Variables: { ...Environment?.Variables, AWS_ENDPOINT_URL: endpoint } },
      }),
    )
  }
  client.destroy()
}

const isCursor = (version: number) => (call: Call) =>
  call.name === 'dynamodb:PutItem' && call.body.includes(`"version":{"N":"${version}"}`)
const isUpdate = (version: number) => (call: Call) =>
  call.name === 'glue:UpdateTable' && call.body.includes(`"delta.lastUpdateVersion":"${version}"`)

async function countCalls(writer: DeltaWriter, proxy: CountingProxy, say: (line: string) => void): Promise<Figure[]> {
  say('counting the calls of a commit')
  await writer.create(Date.now())
  await proxy.seen(isCursor(0))
  proxy.clear()
  await writer.apply({ do: 'append' }, Date.now())
  await proxy.seen(isCursor(1))
  const plain = tally(proxy)
  proxy.clear()
  await writer.apply({ do: 'add-column', pick: 1 }, Date.now())
  await proxy.seen(isCursor(2))
  const schema = tally(proxy)
  say(`a commit of files: ${proxy.calls.length === 0 ? '' : plain.all.join(', ')}`)
  say(`a commit of a new column: ${schema.all.join(', ')}`)
  return [
    atMost('catalog/commit-s3-gets', 'calls', plain.gets, 1),
    atMost('catalog/commit-s3-lists', 'calls', plain.lists, 0),
    atMost('catalog/commit-glue-calls-without-a-schema-change', 'calls', plain.glue, 0),
    atMost('catalog/commit-ledger-writes', 'calls', plain.writes, 2),
    atMost('catalog/commit-calls-in-all', 'calls', plain.all.length, 4),
    atMost('catalog/schema-change-glue-calls', 'calls', schema.glue, 2),
  ]
}

function tally({ calls }: CountingProxy) {
  const all = calls.map(({ name }) => name.replace(/ .*\//, ' …/'))
  const count = (pattern: RegExp) => all.filter((name) => pattern.test(name)).length
  return {
    all,
    gets: count(/^s3:GET/),
    lists: count(/^s3:LIST/),
    glue: count(/^glue:/),
    writes: count(/^dynamodb:(Put|Update|Delete)/),
  }
}

async function timePuts(
  writer: DeltaWriter,
  put: (key: string, body: string) => Promise<void>,
  proxy: CountingProxy,
  say: (line: string) => void,
): Promise<Figure[]> {
  say(`putting ${PUTS} commits that change the schema, alternating with objects for a function that does nothing`)
  const ours: number[] = []
  const peers: number[] = []
  for (let i = 0; i < PUTS; i++) {
    const text = `v${i}`
    const began = performance.now()
    await writer.apply({ do: 'describe', pick: 0, text }, Date.now())
    ours.push((await proxy.seen(isUpdate(writer.version))).ended - began)
    await proxy.seen(isCursor(writer.version))
    const peerBegan = performance.now()
    await put(`${NOOP}${i}`, text)
    peers.push((await proxy.seen(({ name }) => name === `s3:GET ${SIGN}${i}`)).ended - peerBegan)
  }
  const peer = 'rule → queue → function that does nothing'
  return [50, 99].map((p) =>
    beside(`catalog/put-to-glue-p${p}`, 'ms', percentile(ours, p), peer, percentile(peers, p), 3),
  )
}

/** A rule, a queue and a function that only signals that it ran, with the role of `sibling`. */
async function makeNoop(bucket: string, endpoint: string, sibling: string): Promise<void> {
  const [events, queues, functions] = [eventbridge(), sqs(), new LambdaClient({})]
  const { QueueUrl } = await queues.send(new CreateQueueCommand({ QueueName: 'noop' }))
  const { Attributes } = await queues.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
  const Arn = Attributes?.['QueueArn']
  const EventPattern = JSON.stringify({
    source: ['aws.s3'],
    'detail-type': ['Object Created'],
    detail: { bucket: { name: [bucket] }, object: { key: [{ prefix: NOOP }] } },
  })
  await events.send(new PutRuleCommand({ Name: 'noop', EventPattern }))
  await events.send(new PutTargetsCommand({ Rule: 'noop', Targets: [{ Id: 'noop', Arn }] }))
  const { Role } = await functions.send(new GetFunctionConfigurationCommand({ FunctionName: sibling }))
  await functions.send(
    new CreateFunctionCommand({
      FunctionName: 'noop',
      Runtime: 'nodejs24.x',
      Role,
      Handler: 'index.handler',
      Code: { ZipFile: noopZip(endpoint) },
    }),
  )
  await functions.send(
    new CreateEventSourceMappingCommand({ FunctionName: 'noop', EventSourceArn: Arn, BatchSize: 10 }),
  )
  for (const client of [events, queues, functions]) client.destroy()
}

function noopZip(endpoint: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-noop-'))
  const code = `export const handler = async ({ Records }) => {
  console.log('here')
  for (const { body } of Records)
    await fetch('${endpoint}${SIGN}' + JSON.parse(body).detail.object.key.slice(${NOOP.length}))
}
`
  writeFileSync(join(folder, 'index.mjs'), code)
  execFileSync(join(import.meta.dirname, '../.venv/bin/python'), ['-m', 'zipfile', '-c', 'noop.zip', 'index.mjs'], {
    cwd: folder,
  })
  const zip = readFileSync(join(folder, 'noop.zip'))
  rmSync(folder, { recursive: true })
  return zip
}
