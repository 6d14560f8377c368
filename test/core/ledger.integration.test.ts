import { afterAll, beforeAll } from '@jest/globals'
import { dynamodb } from '../../src/aws/clients.ts'
import { dynamoLedger } from '../../src/aws/ledger.ts'
import { testLedger } from './ledger.suite.ts'
import { createLedger, dropLedger } from '../world/ledger-table.ts'

const called = 'ledger-suite'
const client = dynamodb()

beforeAll(() => createLedger(client, called))
afterAll(async () => {
  await dropLedger(client, called)
  client.destroy()
})

testLedger('DynamoDB', async () => dynamoLedger(client, called))
