import { describe, expect, test } from '@jest/globals'
import { functionsOf } from '../../infra/functions.ts'
import { policySize, type Statement } from '../../infra/policies.ts'
import { stack } from '../../infra/stack.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { resolveLake } from '../../src/reactions/declaration/resolve.ts'
import { lakeOf, lakeOfModels, lakeWithFilesInCatalog, lakeWithJobs, lakeWithModels, model } from './lakes.ts'
import { bySid, type Role } from './rights.ts'

const key = 'arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'
const theirs = 'arn:aws:kms:eu-central-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab'

/** Everything that a lake can have, with `kms` or without. */
function full(kms?: string): Lake {
  const files = lakeWithFilesInCatalog(1)
  const jobs = lakeWithJobs(1)
  const { models, registries } = lakeWithModels([model('delay')])
  const buckets = {
    lake: { name: 'flights-lake', existing: false, kms },
    raw: { name: 'flights-raw', existing: true, kms: kms && theirs },
  }
  return {
    ...jobs,
    models,
    registries,
    buckets,
    kms,
    tables: { ...files.tables, ...jobs.tables },
    limits: { webhook: 5 },
  }
}

/** All resources, with what is changed in those of osls. */
function made(
  lake: Lake,
): readonly (readonly [id: string, type: string, properties: Readonly<Record<string, unknown>>])[] {
  const functions = ['commits', 'sweep', ...Object.keys(functionsOf(lake, (values) => values))]
  const { Resources, extensions = {} } = stack(lake, { functions })
  const type = (id: string) => ['LambdaFunction', 'LogGroup', 'Bucket', 'Stage'].find((end) => id.endsWith(end)) ?? id
  return [
    ...Object.entries(Resources).map(([id, { Type, Properties }]) => [id, Type, Properties] as const),
    ...Object.entries(extensions).map(([id, { Properties }]) => [id, `osls:${type(id)}`, Properties] as const),
  ]
}

const bucket = {
  BucketEncryption: {
    ServerSideEncryptionConfiguration: [
      { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key }, BucketKeyEnabled: true },
    ],
  },
}
/** What each type of resource has with `kms`, or why it has nothing. */
const encryption: Readonly<Record<string, object | string>> = {
  'AWS::SQS::Queue': { KmsMasterKeyId: key },
  'AWS::DynamoDB::Table': { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: key } },
  'AWS::Events::EventBus': { KmsKeyIdentifier: key },
  'AWS::Logs::LogGroup': { KmsKeyId: key },
  'AWS::S3::Bucket': bucket,
  'osls:LambdaFunction': { KmsKeyArn: key },
  'osls:LogGroup': { KmsKeyId: key },
  'osls:Bucket': bucket,
  'osls:Stage': 'stores nothing; its log group is another resource',
  'AWS::ECR::Repository': "holds MLflow's public container; see infra/accepted-findings.ts",
  'AWS::CodeBuild::Project': 'stores nothing: it has no artifacts, and its log group is another resource',
  'AWS::S3::BucketPolicy': 'settings',
  'AWS::SQS::QueuePolicy': 'settings',
  'AWS::IAM::Role': 'settings',
  'AWS::Events::Rule': 'settings, which the key of the bus encrypts',
  'AWS::CloudWatch::Alarm': 'settings',
  'Custom::LogGroups': { KmsKeyId: key },
  'Custom::BucketEvents': 'settings',
}

describe('a lake with a key of its own', () => {
  test('uses it for everything that stores something; a type of resource that is new here has to be thought about', () => {
    const all = made(full(key))
    expect(all.filter(([, type]) => encryption[type] === undefined)).toEqual([])
    expect(Object.keys(encryption).filter((type) => !all.some(([, other]) => other === type))).toEqual([])
    for (const [id, type, properties] of all) {
      const expected = encryption[type]!
      if (typeof expected === 'object') expect([id, properties]).toEqual([id, expect.objectContaining(expected)])
    }
  })

  test('without one nothing names a key, and queues and buckets have a key of AWS', () => {
    const all = made(full())
    expect(JSON.stringify(all)).not.toMatch(/\bkms:|Kms(?:Master)?Key(?:Id|Arn|Identifier)|aws:kms/i)
    for (const [, type, properties] of all) {
      if (type === 'AWS::SQS::Queue') expect(properties['SqsManagedSseEnabled']).toBe(true)
      if (type === 'AWS::S3::Bucket') expect(JSON.stringify(properties['BucketEncryption'])).toContain('AES256')
    }
  })

  test('a queue has one kind of encryption: SQS refuses both', () => {
    for (const [, type, properties] of made(full(key)))
      if (type === 'AWS::SQS::Queue') expect(properties['SqsManagedSseEnabled']).toBeUndefined()
  })
})

/** What a role may do on which key through which services: `Decrypt: [key, services]`. */
function keyRights(lake: Lake, role: string) {
  const via = (statement: Pick<Statement, 'Condition'>) =>
    (statement.Condition as { StringEquals: { 'kms:ViaService': { 'Fn::Sub': string }[] } }).StringEquals[
      'kms:ViaService'
    ].map((service) => service['Fn::Sub'].replace('.${AWS::Region}.${AWS::URLSuffix}', ''))
  return Object.values(bySid(lake, role))
    .filter(({ Action }) => Action.some((action) => action.startsWith('kms:')))
    .flatMap((statement) => [[statement.Action, statement.Resource, via(statement)]])
}

describe('roles', () => {
  const lake = full(key)

  test('use the key only through the services that they call, and write with it only what they send', () => {
    expect(keyRights(lake, 'CommitsRole')).toEqual([[['kms:Decrypt'], [key], ['dynamodb', 'lambda', 'sqs']]])
    expect(keyRights(lake, 'SweepRole')).toEqual([
      [['kms:Decrypt'], [key], ['dynamodb', 'lambda', 'sqs']],
      [['kms:GenerateDataKey'], [key], ['sqs']],
    ])
    // Manifests go to the buckets of its tables.
    expect(keyRights(lake, 'JobRole')).toEqual([
      [['kms:Decrypt'], [key], ['dynamodb', 'lambda', 's3', 'sqs']],
      [['kms:GenerateDataKey'], [key], ['s3', 'sqs']],
    ])
    // It only lists, so it needs no key of an object.
    expect(keyRights(lake, 'FilesRole')).toEqual([[['kms:Decrypt'], [key], ['dynamodb', 'lambda', 'sqs']]])
    expect(keyRights(lake, 'BucketDasheventsRole')).toEqual([[['kms:Decrypt'], [key], ['lambda']]])
  })

  test('read an existing bucket with its own key, and through S3 only', () => {
    expect(keyRights(lake, 'CatalogDashfilesRole')).toEqual([
      [['kms:Decrypt'], [key], ['dynamodb', 'lambda', 'sqs']],
      [['kms:Decrypt'], [theirs], ['s3']],
    ])
    const { kms: _, ...without } = lake
    expect(keyRights(without, 'CatalogDashfilesRole')).toEqual([[['kms:Decrypt'], [theirs], ['s3']]])
    expect(keyRights(without, 'CatalogRole')).toEqual([[['kms:Decrypt'], [key], ['s3']]])
    expect(keyRights(without, 'SweepRole')).toEqual([])
  })

  test('of models read their packages and write their captures with the key of the bucket', () => {
    const packed = {
      ...lakeOfModels(1),
      buckets: { lake: { name: 'flights-lake', existing: false, kms: key } },
      kms: key,
    }
    expect(keyRights(packed, 'ModelRoleAirlineDashdelayDashpredictionDash0')).toEqual([
      [['kms:Decrypt'], [key], ['s3']],
      [['kms:GenerateDataKey'], [key], ['s3']],
    ])
    expect(keyRights(packed, 'DeploymentRole')).toEqual([
      [['kms:Decrypt'], [key], ['dynamodb', 'lambda', 's3', 'sqs']],
      [['kms:GenerateDataKey'], [key], ['s3', 'sqs']],
    ])
  })

  test('stay within IAM’s limit, with a key for each of ten buckets', () => {
    const many = Object.fromEntries(
      ['flights-lake', 'flights-raw', 'flights-mlflow', ...Array.from({ length: 7 }, (_, i) => `flights-${i}`)].map(
        (name, i) => [name, { name, existing: true, kms: key.replace(/.{2}$/, String(10 + i)) }],
      ),
    )
    for (const large of [lakeWithFilesInCatalog(5_000), lakeOf(5_000), lakeWithJobs(5_000), lakeOfModels(200)]) {
      const named = Object.values({ ...large, tables: spread(large.tables, Object.values(many)) }.tables)
      const keyed = { ...large, kms: key, buckets: many, tables: Object.fromEntries(named.map((t) => [t.name, t])) }
      for (const [id, type, properties] of made(keyed))
        if (type === 'AWS::IAM::Role')
          expect([id, policySize((properties as unknown as Role).Policies[0]!.PolicyDocument) < 10_240]).toEqual([
            id,
            true,
          ])
    }
  })
})

/** The tables, in these buckets in turn. */
function spread(tables: Lake['tables'], buckets: readonly { readonly name: string }[]): Lake['tables'] {
  const moved = Object.entries(tables).map(([name, table], i) => [
    name,
    { ...table, location: { ...table.location, bucket: buckets[i % buckets.length]!.name } },
  ])
  return Object.fromEntries(moved) as Lake['tables']
}

describe('kms in lake.yml', () => {
  const lakeYml = (kms: string) =>
    `lake: flights\nkms: ${kms}\nbuckets:\n  a: bucket-a\n  b: { name: bucket-b, existing: true }\n  c: { name: bucket-c, kms: ${theirs} }\n`
  const resolved = (kms: string) => resolveLake(lakeYml(kms), 'lake.yml')

  test('is the key of the buckets that Landfall creates, unless they have their own; not of existing ones', () => {
    expect(resolved(key)).toMatchObject({
      lake: { kms: key, buckets: { a: { kms: key }, b: { name: 'bucket-b', existing: true }, c: { kms: theirs } } },
    })
    expect(resolved(key)).not.toMatchObject({ lake: { buckets: { b: { kms: expect.anything() } } } })
  })

  test.each([
    'alias/landfall',
    'arn:aws:kms:eu-central-1:123456789012:alias/landfall',
    '1234abcd-12ab-34cd-56ef-1234567890ab',
    'arn:aws:kms:eu-central-1:123456789012:key/*',
    'arn:aws:kms:*:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    'arn:aws:kms:eu-central-1:*:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    'arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-12345678????',
    'arn:aws:kms:eu-central-1:123456789012:key/',
    'arn:aws:s3:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    "'*'",
  ])('is refused unless it is the full ARN of one key: %s', (kms) => {
    const { problems } = resolved(kms) as Extract<ReturnType<typeof resolved>, { problems: object }>
    expect(problems.map(({ path }) => path)).toEqual(['kms'])
    expect(problems[0]!.message).toContain('the full ARN of a KMS key')
  })
})
