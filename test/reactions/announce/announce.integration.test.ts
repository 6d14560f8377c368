import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { CreateQueueCommand, DeleteQueueCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { eventBridgeBus } from '../../../src/aws/bus.ts'
import { dynamodb, eventbridge, s3, sqs } from '../../../src/aws/clients.ts'
import { dynamoLedger } from '../../../src/aws/ledger.ts'
import { react } from '../../../src/core/react.ts'
import type { Table } from '../../../src/lake/lake.ts'
import { tableVersions } from '../../../src/reactions/announce/aws/table-versions.ts'
import { factOf } from '../../../src/reactions/announce/decide.ts'
import type { CommitDetail } from '../../../src/reactions/announce/facts.ts'
import { announceReaction } from '../../../src/reactions/announce/reaction.ts'
import { dynamoLandingLog } from '../../../src/tables/aws/landing-log.ts'
import { memoryShell } from '../../core/shell.twin.ts'
import { DeltaWriter } from '../../world/delta-writer.ts'
import { createLedger, dropLedger } from '../../world/ledger-table.ts'
import { summaries } from './given.ts'

const called = 'announce-facts'
const clients = { dynamodb: dynamodb(), events: eventbridge(), s3: s3(), sqs: sqs() }
const table = (name: string, format: Table['format']): Table => ({
  name,
  location: { bucket: called, prefix: name },
  format,
  partitions: format === 'delta' ? [] : ['dt'],
  announce: true,
})
const tables = { flights: table('flights', 'delta'), uploads: table('uploads', 'json') }
let QueueUrl = ''

beforeAll(async () => {
  await clients.s3.send(new CreateBucketCommand({ Bucket: called }))
  await createLedger(clients.dynamodb, called)
  await clients.events.send(new CreateEventBusCommand({ Name: called }))
  QueueUrl = (await clients.sqs.send(new CreateQueueCommand({ QueueName: called }))).QueueUrl ?? ''
  const EventPattern = JSON.stringify({ source: ['landfall'], 'detail-type': ['Table Committed'] })
  await clients.events.send(new PutRuleCommand({ Name: called, EventBusName: called, EventPattern }))
  const Arn = `arn:aws:sqs:us-east-1:000000000000:${called}`
  await clients.events.send(
    new PutTargetsCommand({ Rule: called, EventBusName: called, Targets: [{ Id: 'queue', Arn }] }),
  )
})

afterAll(async () => {
  await clients.sqs.send(new DeleteQueueCommand({ QueueUrl }))
  await clients.events.send(new DeleteEventBusCommand({ Name: called }))
  await dropLedger(clients.dynamodb, called)
  for (const client of Object.values(clients)) client.destroy()
})

/** The details of `count` facts, sorted by version. */
async function received(client: SQSClient, count: number): Promise<CommitDetail[]> {
  const details: CommitDetail[] = []
  for (let tries = 0; details.length < count && tries < 20; tries++) {
    const asked = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 })
    for (const { Body = '{}' } of (await client.send(asked)).Messages ?? [])
      details.push((JSON.parse(Body) as { detail: CommitDetail }).detail)
  }
  return details.sort((a, b) => a.version - b.version)
}

test('a rule on the bus gets a fact for each version, of Delta tables and of tables of files', async () => {
  const put = async (Key: string, Body: string) =>
    void (await clients.s3.send(new PutObjectCommand({ Bucket: called, Key, Body })))
  const writer = new DeltaWriter(put, 'flights')
  await writer.create(0)
  for (let i = 0; i < 10; i++) await writer.apply({ do: 'append' }, i)
  await writer.apply({ do: 'add-column', pick: 1 }, 11)
  const landings = dynamoLandingLog(clients.dynamodb, called)
  for (const version of [0, 1, 2]) {
    const key = `dt=2026-11-0${version + 1}/a.json`
    const state = { key, content: 'e', size: 7, sequencer: '', version, revision: 0, at: version }
    await landings.append('uploads', { version, timestamp: 1_000, added: [{ path: key, size: 7 }], removed: [] }, [
      state,
    ])
  }

  const versionsOf = tableVersions(clients.s3, clients.dynamodb, called)
  const bus = eventBridgeBus(clients.events, called)
  const shell = memoryShell({ ledger: dynamoLedger(clients.dynamodb, called), bus })
  const reaction = announceReaction({ lake: 'test', tables, versionsOf, bus })
  for (const [each, versions] of [
    [tables.flights, 12],
    [tables.uploads, 3],
  ] as const) {
    const subject = `table/${each.name}`
    expect(await react(reaction, { subject }, shell)).toMatchObject({ kind: 'done', cursor: { version: versions - 1 } })
    expect(await react(reaction, { subject }, shell)).toMatchObject({ kind: 'idle' })
    const wanted = (await summaries(versionsOf(each))).map((summary) => factOf('test', each, summary).detail)
    expect(wanted).toHaveLength(versions)
    expect(await received(clients.sqs, versions)).toEqual(wanted)
  }
}, 60_000)
