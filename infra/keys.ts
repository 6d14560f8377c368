/** The user's own KMS keys: `kms` in lake.yml. */
import { distinct } from '../src/core/distinct.ts'
import type { Lake } from '../src/lake/lake.ts'
import { logical, sub, type Template, type Value } from './cloudformation.ts'
import { type Statement, statement } from './policies.ts'

const DECRYPT = ['kms:Decrypt']
const WRITE = ['kms:Decrypt', 'kms:GenerateDataKey']

/**
 * The calls that services make on the key of a queue, table or object with the rights of their caller (SQS developer guide, "Key
 * management"; DynamoDB developer guide, "How DynamoDB uses AWS KMS"; S3 user guide, "Using SSE-KMS"). Other services use the key
 * by its key policy or by a grant: docs/deploy.md, "A key of your own".
 */
const uses: Readonly<Record<string, readonly string[]>> = {
  'sqs:ReceiveMessage': DECRYPT,
  'sqs:SendMessage': WRITE,
  'dynamodb:GetItem': DECRYPT,
  'dynamodb:BatchGetItem': DECRYPT,
  'dynamodb:Query': DECRYPT,
  'dynamodb:PutItem': DECRYPT,
  'dynamodb:UpdateItem': DECRYPT,
  'dynamodb:BatchWriteItem': DECRYPT,
  's3:GetObject': DECRYPT,
  // A multipart upload reads its parts' key.
  's3:PutObject': WRITE,
}

/** One call on one key, through one service. */
interface Use {
  readonly call: string
  readonly key: string
  readonly service: string
}

/**
 * What a role with these statements also needs to do on the lake's keys. It follows from the statements, so none is missing.
 *
 * @param services those that decrypt something of the lake's for this role, whatever it calls: Lambda, its environment
 */
export function keyAccess(lake: Lake, statements: readonly Statement[], services: readonly string[] = []): Statement[] {
  const own = lake.kms === undefined ? [] : [lake.kms]
  const always = services.flatMap((service) => own.map((key) => ({ call: 'kms:Decrypt', key, service })))
  const found = statements.flatMap(({ Action, Resource }) =>
    Action.flatMap((action) => {
      const service = action.split(':')[0]!
      const keys = service === 's3' ? bucketKeys(lake, Resource) : own
      return (uses[action] ?? []).flatMap((call) => keys.map((key) => ({ call, key, service })))
    }),
  )
  return WRITE.flatMap((call) => grants([...always, ...found].filter((use) => use.call === call)))
}

/** One statement for all keys that are used through the same services. */
function grants(found: readonly Use[]): Statement[] {
  const servicesOf = (key: string) =>
    distinct(found.filter((use) => use.key === key).map(({ service }) => service)).toSorted()
  const keys = distinct(found.map(({ key }) => key))
  return distinct(keys.map((key) => servicesOf(key).join(' '))).flatMap((services) => {
    const sid = `${found[0]!.call.replace('kms:', '')}By${services.replaceAll(/(?:^| )(.)/g, (_, letter: string) => letter.toUpperCase())}`
    const via = services.split(' ').map(viaService)
    return statement(
      sid,
      [found[0]!.call],
      keys.filter((key) => servicesOf(key).join(' ') === services),
      { StringEquals: { 'kms:ViaService': via } },
    )
  })
}

function viaService(service: string): Value {
  return sub(`${service}.\${AWS::Region}.\${AWS::URLSuffix}`)
}

/** The keys of the lake's buckets that these ARNs are in. */
function bucketKeys(lake: Lake, resources: Statement['Resource']): string[] {
  if (resources === '*') return []
  const names = resources.map((arn) => /:s3:::([^/]+)/.exec(JSON.stringify(arn))?.[1])
  return distinct(
    Object.values(lake.buckets).flatMap(({ name, kms }) => (kms !== undefined && names.includes(name) ? [kms] : [])),
  )
}

/** How a bucket is encrypted. With a bucket key S3 calls KMS once for many objects, not for each (S3 user guide, "S3 Bucket Keys"). */
export function bucketEncryption(key: string | undefined): object {
  const by = key === undefined ? { SSEAlgorithm: 'AES256' } : { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key }
  return {
    ServerSideEncryptionConfiguration: [
      { ServerSideEncryptionByDefault: by, ...(key !== undefined && { BucketKeyEnabled: true }) },
    ],
  }
}

/** How a queue is encrypted. */
export function queueEncryption({ kms }: Lake): object {
  return kms === undefined ? { SqsManagedSseEnabled: true } : { KmsMasterKeyId: kms }
}

/** The changes to what osls creates: the functions, which have an environment, their log groups, and the bucket of deployments. */
export function encrypted({ kms }: Lake, functions: readonly string[]): NonNullable<Template['extensions']> {
  if (kms === undefined) return {}
  const made = functions.flatMap((name) => [
    [`${logical(name)}LambdaFunction`, { Properties: { KmsKeyArn: kms } }] as const,
    [`${logical(name)}LogGroup`, { Properties: { KmsKeyId: kms } }] as const,
  ])
  return {
    ...Object.fromEntries(made),
    ServerlessDeploymentBucket: { Properties: { BucketEncryption: bucketEncryption(kms) } },
  }
}

/** How the ledger is encrypted. DynamoDB's own key is the default. */
export function tableEncryption({ kms }: Lake): object {
  return kms === undefined ? {} : { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: kms } }
}
