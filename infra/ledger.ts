import type { Lake } from '../src/lake/lake.ts'
import { names } from '../src/lake/resource-names.ts'
import type { Resources } from './cloudformation.ts'
import { tableEncryption } from './keys.ts'
import { retained } from './stage.ts'

/** The logical id of the ledger. Its `Ref` is its name. */
export const ledger = 'Ledger'

export function ledgerResources(lake: Lake): Resources {
  return {
    [ledger]: {
      Type: 'AWS::DynamoDB::Table',
      ...retained(lake.stage),
      Properties: {
        TableName: names(lake).ledger,
        BillingMode: 'PAY_PER_REQUEST',
        ...tableEncryption(lake),
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      },
    },
  }
}
