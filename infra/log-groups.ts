import type { Lake } from '../src/lake/lake.ts'
import type { Resource } from './cloudformation.ts'

/** How long logs are kept. serverless.yml says the same for the functions' own groups. */
export const RETENTION_DAYS = 30

/** A log group. Without one, the service that writes the logs creates it, to keep them for ever. */
export function logGroup(name: string, { kms }: Lake): Resource {
  return {
    Type: 'AWS::Logs::LogGroup',
    DeletionPolicy: 'Delete',
    UpdateReplacePolicy: 'Delete',
    Properties: { LogGroupName: name, RetentionInDays: RETENTION_DAYS, ...(kms !== undefined && { KmsKeyId: kms }) },
  }
}
