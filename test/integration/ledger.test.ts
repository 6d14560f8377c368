import { afterAll, beforeAll } from '@jest/globals'
import { CreateTableCommand, DeleteTableCommand } from '@aws-sdk/client-dynamodb'
import { dynamodb } from '../../src/clients/aws.ts'
import { dynamoLedger } from '../../src/clients/ledger.ts'
import { testLedger } from '../suites/ledger.ts'

const TableName = 'ledger-suite'
const client = dynamodb()

beforeAll(async () => {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  )
})

afterAll(async () => {
  await client.send(new DeleteTableCommand({ TableName }))
  client.destroy()
})

testLedger('DynamoDB', async () => dynamoLedger(client, TableName))
