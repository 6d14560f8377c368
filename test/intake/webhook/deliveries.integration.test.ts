import { createServer, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { dynamodb } from '../../../src/aws/clients.ts'
import { dynamoDeliveries } from '../../../src/intake/webhook/aws/deliveries.ts'
import { testDeliveries } from './deliveries.suite.ts'
import { createLedger, dropLedger } from '../../world/ledger-table.ts'

const called = 'deliveries-suite'
const client = dynamodb()

beforeAll(() => createLedger(client, called))
afterAll(async () => {
  await dropLedger(client, called)
  client.destroy()
})

testDeliveries('DynamoDB', async () => dynamoDeliveries(client, called))

test('a delivery expires by the TTL of the table, which is in seconds', async () => {
  await dynamoDeliveries(client, called).remember('/registries/main', 'ttl', 1_795_344_082_001)
  const Key = { pk: { S: 'delivery/registries/main' }, sk: { S: 'ttl' } }
  const { Item } = await client.send(new GetItemCommand({ TableName: called, Key }))
  expect(Item).toEqual({ ...Key, expires: { N: '1795344083' } })
})

test('a call that DynamoDB never answers times out soon, so that the delivery is still queued', async () => {
  const silent = createServer()
  await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const hung = new DynamoDBClient({ endpoint, maxAttempts: 3 })
  const began = Date.now()
  try {
    await expect(dynamoDeliveries(hung, called).known('/registries/main', 'x')).rejects.toThrow()
    expect(Date.now() - began).toBeLessThan(5_000)
  } finally {
    hung.destroy()
    silent.close()
  }
}, 15_000)
