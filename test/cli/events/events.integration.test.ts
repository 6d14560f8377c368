import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { CreateQueueCommand, DeleteQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { main } from '../../../cli/main.ts'
import { eventbridge, s3, sqs } from '../../../src/aws/clients.ts'
import { names } from '../../../src/lake/resource-names.ts'
import type { CommitDetail } from '../../../src/reactions/announce/facts.ts'
import { DeltaWriter } from '../../world/delta-writer.ts'
import { projectWith } from '../../world/project.ts'

const clients = { events: eventbridge(), s3: s3(), sqs: sqs() }

const lakeYml = `lake: eventstest
announce: true
buckets: { lake: eventstest-lake }
tables:
  flights: { location: 's3://\${buckets.lake}/flights', format: delta }
  uploads: { location: 's3://\${buckets.lake}/uploads', format: json, partitions: [dt] }
  silent: { location: 's3://\${buckets.lake}/silent', format: delta, announce: false }
`

let project: Awaited<ReturnType<typeof projectWith>>
let QueueUrl = ''

beforeAll(async () => {
  project = await projectWith(lakeYml)
  const { status, output } = await project.serverless('deploy', '--stage', 'local')
  expect([status, output]).toEqual([0, expect.stringContaining('deployed')])
  const bus = names({ name: 'eventstest', stage: 'local' }).bus
  QueueUrl = (await clients.sqs.send(new CreateQueueCommand({ QueueName: 'eventstest-facts' }))).QueueUrl ?? ''
  const EventPattern = JSON.stringify({ source: ['landfall'], 'detail-type': ['Table Committed'] })
  await clients.events.send(new PutRuleCommand({ Name: 'eventstest', EventBusName: bus, EventPattern }))
  const Targets = [{ Id: 'queue', Arn: 'arn:aws:sqs:us-east-1:000000000000:eventstest-facts' }]
  await clients.events.send(new PutTargetsCommand({ Rule: 'eventstest', EventBusName: bus, Targets }))
}, 120_000)

afterAll(async () => {
  await clients.sqs.send(new DeleteQueueCommand({ QueueUrl }))
  await project.remove()
  for (const client of Object.values(clients)) client.destroy()
})

const put = async (Key: string, Body: string) =>
  void (await clients.s3.send(new PutObjectCommand({ Bucket: 'eventstest-lake', Key, Body })))

/** What `landfall events TABLE --json` prints. */
async function printed(table: string): Promise<CommitDetail[]> {
  const out: string[] = []
  const io = { out: (line: string) => void out.push(line), err: () => undefined, width: 80 }
  expect(await main(['events', table, project.lakeFile, '--stage', 'local', '--json'], io)).toBe(0)
  return out.map((line) => JSON.parse(line) as CommitDetail)
}

/** The facts from the bus by table and version, without repeats, once all `wanted` have arrived. */
async function received(wanted: number): Promise<Map<string, CommitDetail>> {
  const facts = new Map<string, CommitDetail>()
  for (const end = Date.now() + 60_000; facts.size < wanted && Date.now() < end; await sleep(100)) {
    const asked = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 })
    for (const { Body = '{}' } of (await clients.sqs.send(asked)).Messages ?? []) {
      const { detail } = JSON.parse(Body) as { detail: CommitDetail }
      facts.set(`${detail.table} ${detail.version}`, detail)
    }
  }
  return facts
}

test('a deployed lake publishes a fact for each version of its tables, and landfall events prints the same', async () => {
  const writers = ['flights', 'silent'].map((table) => new DeltaWriter(put, table))
  for (const writer of writers) {
    await writer.create(0)
    for (let i = 0; i < 3; i++) await writer.apply({ do: 'append' }, i)
    await writer.apply({ do: 'add-column', pick: 0 }, 4)
  }
  await put('uploads/dt=2026-11-29/a.json', '{"id":1}\n')
  const facts = await received(6)
  for (const [table, versions] of [
    ['flights', 5],
    ['uploads', 1],
  ] as const) {
    const lines = await printed(table)
    expect(lines).toHaveLength(versions)
    for (const line of lines) expect(facts.get(`${table} ${line.version}`)).toEqual(line)
  }
  expect(facts.size).toBe(6)
}, 120_000)
