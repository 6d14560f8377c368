import { afterAll, beforeAll } from '@jest/globals'
import { CreateEventBusCommand, DeleteEventBusCommand } from '@aws-sdk/client-eventbridge'
import { DeleteTableCommand } from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { dynamodb, eventbridge, glue, s3 } from '../../../src/aws/clients.ts'
import { eventBridgeBus } from '../../../src/aws/bus.ts'
import { glueCatalog } from '../../../src/glue/aws/glue.ts'
import { dynamoLedger } from '../../../src/aws/ledger.ts'
import { s3Store } from '../../../src/tables/aws/s3-store.ts'
import { testHistories } from './histories.suite.ts'
import type { Ground } from '../../world/lake-world.ts'
import { createLedger, dropLedger } from '../../world/ledger-table.ts'

const called = 'histories'
const clients = { dynamodb: dynamodb(), events: eventbridge(), glue: glue(), s3: s3() }

const ground: Ground = {
  put: async (Key, Body) => void (await clients.s3.send(new PutObjectCommand({ Bucket: called, Key, Body }))),
  store: ({ location }) => s3Store(clients.s3, location),
  glue: glueCatalog(clients.glue),
  ledger: dynamoLedger(clients.dynamodb, called),
  bus: eventBridgeBus(clients.events, called),
  async drop(DatabaseName, Name) {
    if ((await ground.glue.find(DatabaseName, Name)).kind === 'table')
      await clients.glue.send(new DeleteTableCommand({ DatabaseName, Name }))
  },
}

beforeAll(async () => {
  await clients.s3.send(new CreateBucketCommand({ Bucket: called }))
  await clients.events.send(new CreateEventBusCommand({ Name: called }))
  await createLedger(clients.dynamodb, called)
})

afterAll(async () => {
  await clients.events.send(new DeleteEventBusCommand({ Name: called }))
  await dropLedger(clients.dynamodb, called)
  for (const client of Object.values(clients)) client.destroy()
})

let histories = 0
testHistories('the emulator', 60, () => ({ ground, name: `flights${histories++}` }))
