import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { S3Client } from '@aws-sdk/client-s3'
import { locationUri, type Table } from '../../../lake/lake.ts'
import { dynamoLandingLog } from '../../../tables/aws/landing-log.ts'
import { s3Store } from '../../../tables/aws/s3-store.ts'
import { deltaVersions } from '../delta-versions.ts'
import { landingVersions } from '../landing-versions.ts'
import type { VersionSource } from '../versions.ts'

/** The versions of a table, whatever its format: by Delta's own log in S3, or the landing log in the ledger. */
export function tableVersions(
  s3: S3Client,
  dynamodb: DynamoDBClient,
  ledgerTable: string,
): (table: Table) => VersionSource {
  const landings = dynamoLandingLog(dynamodb, ledgerTable)
  return (table) =>
    table.format === 'delta'
      ? deltaVersions(s3Store(s3, table.location))
      : landingVersions(landings, table, locationUri(table.location))
}
