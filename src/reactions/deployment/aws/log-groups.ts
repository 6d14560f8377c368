import {
  AssociateKmsKeyCommand,
  type CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  DisassociateKmsKeyCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs'

export interface LogGroups {
  readonly names: readonly string[]
  readonly days: number
  /** ARN of a KMS key. */
  readonly key?: string
}

/** Reads the properties of the custom resource, which CloudFormation passes as texts. */
export function parseLogGroups(properties: Readonly<Record<string, unknown>>): LogGroups {
  const { Names: names, RetentionInDays: days, KmsKeyId: key } = properties
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string') || !(Number(days) > 0))
    throw new Error(`the resource needs Names and RetentionInDays, found ${JSON.stringify(properties)}`)
  return { names, days: Number(days), key: typeof key === 'string' ? key : undefined }
}

export interface Keeping {
  readonly days: number
  readonly key?: string
  /** The key that Landfall gave it before. */
  readonly before?: string
}

/**
 * Creates a log group, or completes one that is there: a retention that somebody chose is never shortened, and a key that is
 * not Landfall's is removed by nobody but its owner.
 */
export async function keepLogGroup(
  client: CloudWatchLogsClient,
  logGroupName: string,
  { days, key, before }: Keeping,
): Promise<'created' | 'completed' | 'unchanged'> {
  const created = await isCreated(client, logGroupName, key)
  const { retention, kms } = created ? { kms: key } : await settingsOf(client, logGroupName)
  if (retention === undefined) await client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: days }))
  const isNew = key !== undefined && kms !== key
  const isOld = key === undefined && kms !== undefined && kms === before
  if (isNew) await client.send(new AssociateKmsKeyCommand({ logGroupName, kmsKeyId: key }))
  if (isOld) await client.send(new DisassociateKmsKeyCommand({ logGroupName }))
  if (created) return 'created'
  return retention === undefined || isNew || isOld ? 'completed' : 'unchanged'
}

async function isCreated(client: CloudWatchLogsClient, logGroupName: string, kmsKeyId?: string): Promise<boolean> {
  try {
    await client.send(new CreateLogGroupCommand({ logGroupName, kmsKeyId }))
    return true
  } catch (error) {
    if ((error as Error).name === 'ResourceAlreadyExistsException') return false
    throw error
  }
}

async function settingsOf(client: CloudWatchLogsClient, name: string) {
  // The name sorts before all longer ones that begin with it, so it is on the first page.
  const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }))
  const found = logGroups.find(({ logGroupName }) => logGroupName === name)
  return { retention: found?.retentionInDays, kms: found?.kmsKeyId }
}
