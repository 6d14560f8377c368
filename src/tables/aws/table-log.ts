import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { S3Client } from '@aws-sdk/client-s3'
import type { Table } from '../../lake/lake.ts'
import { deltaLog } from '../delta/log.ts'
import { landingLog } from '../landing/change.ts'
import type { TableLog } from '../log.ts'
import { dynamoLandingLog } from './landing-log.ts'
import { s3Store } from './s3-store.ts'

/** The log of a table, whatever its format: Delta's own in S3, or the landing log in the ledger. */
export function tableLogs(s3: S3Client, dynamodb: DynamoDBClient, ledgerTable: string): (table: Table) => TableLog {
  const landings = dynamoLandingLog(dynamodb, ledgerTable)
  return (table) => (table.format === 'delta' ? deltaLog(s3Store(s3, table.location)) : landingLog(landings, table))
}
