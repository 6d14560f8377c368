import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inflateRawSync } from 'node:zlib'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { EventBridgeClient, TestEventPatternCommand } from '@aws-sdk/client-eventbridge'
import {
  CreateBucketCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { CreateQueueCommand } from '@aws-sdk/client-sqs'
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { DeleteTableCommand, GetTableCommand } from '@aws-sdk/client-glue'
import { cloudwatchLogs, glue, s3, sqs } from '../../src/aws/clients.ts'
import { projectWith } from '../world/project.ts'

const root = new URL('../../', import.meta.url).pathname
const run = promisify(execFile)
const clients = {
  logs: cloudwatchLogs(),
  s3: s3(),
  sqs: sqs(),
  glue: glue(),
  events: new EventBridgeClient({}),
  lambda: new LambdaClient({}),
}

const lakeYml = `lake: deploytest
buckets:
  theirs: { name: deploytest-theirs, existing: true }
  ours: deploytest-ours
tables:
  flights:
    location: s3://\${buckets.ours}/silver/flights
    format: delta
    catalog: { database: deploytest_silver }
  airports:
    location: s3://\${buckets.theirs}/gold/airports
    format: delta
    catalog: { database: deploytest_gold }
models:
  delay:
    registry: main
    promote: { alias: champion }
    endpoint: { name: deploytest-delay, instance: ml.m5.large }
registries: { main: { mlflow: https://mlflow.example.com, secret: deploytest/mlflow, artifacts: s3://deploytest-models } }
kms: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
`

let project: string
let serverless: (...args: string[]) => Promise<{ readonly status: number; readonly output: string }>
let remove = async (): Promise<void> => {}
beforeAll(async () => {
  const made = await projectWith(lakeYml)
  ;({ folder: project, serverless, remove } = made)
})
afterAll(async () => {
  await remove()
  for (const client of Object.values(clients)) client.destroy()
})

describe('serverless package', () => {
  test('a lake.yml with problems is not packaged: each is printed once, with its position', async () => {
    await writeFile(
      join(project, 'bad.yml'),
      'lake: bad\ntables:\n  t: { location: "s3://nowhere/x", fromat: delta }\n',
    )
    const { status, output } = await serverless('package', '--param', 'lake=bad.yml')
    expect(status).toBe(1)
    expect(output.match(/bad\.yml:3:\d+ {2}tables\.t\.fromat/g)).toHaveLength(1)
    expect(output).not.toMatch(/^ {4}at /m)
  })

  test('a package contains only its bundle and the resolved lake', async () => {
    const { status, output } = await serverless('package', '--stage', 'dev')
    expect([status, output]).toEqual([0, expect.stringContaining('packaged')])
    for (const name of ['commits', 'catalog', 'sweep', 'bucket-events', 'endpoint-logs']) {
      const files = unzip(await readFile(join(project, `.serverless/${name}.zip`)))
      expect([...files.keys()].sort()).toEqual(['.landfall/dev/lake.json', `functions/${name}.mjs`])
      expect(JSON.parse(files.get('.landfall/dev/lake.json')!.toString())).toMatchObject({
        name: 'deploytest',
        stage: 'dev',
      })
    }
  }, 60_000)

  test('cfn-lint finds no fault in the template', async () => {
    const template = join(project, '.serverless/cloudformation-template-update-stack.json')
    // W3005: osls adds a DependsOn that a reference already implies.
    const { stdout } = await run(join(root, '.venv/bin/cfn-lint'), [
      '--ignore-checks',
      'W3005',
      '--format',
      'json',
      '--',
      template,
    ]).catch((error: { stdout: string }) => error)
    expect(JSON.parse(stdout === '' ? '[]' : stdout)).toEqual([])
  }, 60_000)

  test('every bucket of the package, that of deployments too, is private and takes only TLS; every log ends', async () => {
    const { Resources } = JSON.parse(
      await readFile(join(project, '.serverless/cloudformation-template-update-stack.json'), 'utf8'),
    ) as { Resources: Record<string, { Type: string; Properties: Record<string, unknown> }> }
    const ofType = (type: string) => Object.entries(Resources).filter(([, { Type }]) => Type === type)
    const buckets = ofType('AWS::S3::Bucket')
    expect(buckets.map(([id]) => id)).toEqual(['ServerlessDeploymentBucket', 'BucketOurs'])
    for (const [id, { Properties }] of buckets) {
      expect(Properties['PublicAccessBlockConfiguration']).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      })
      const { Statement } = Resources[`${id}Policy`]!.Properties['PolicyDocument'] as { Statement: object[] }
      expect(Statement).toEqual([expect.objectContaining({ Effect: 'Deny', Principal: '*', Action: 's3:*' })])
      expect(JSON.stringify(Statement)).toMatch(/"Condition":\{"Bool":\{"aws:SecureTransport":"?false"?\}\}/)
    }
    const groups = ofType('AWS::Logs::LogGroup')
    expect(groups.length).toBeGreaterThan(ofType('AWS::Lambda::Function').length)
    for (const [id, { Properties }] of groups) expect([id, Properties['RetentionInDays']]).toEqual([id, 30])
    expect(Resources['HttpApiStage']?.Properties).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: 20 },
      AccessLogSettings: { DestinationArn: { 'Fn::GetAtt': ['HttpApiLogs', 'Arn'] } },
    })
  })

  test('rules match commits of any table in the bucket, and nothing else', async () => {
    const template = JSON.parse(
      await readFile(join(project, '.serverless/cloudformation-template-update-stack.json'), 'utf8'),
    ) as {
      Resources: Record<string, { Properties: { EventPattern?: object } }>
    }
    const pattern = JSON.stringify(template.Resources['BucketOursCommitsRule']?.Properties.EventPattern)
    const matches = async (key: string, bucket = 'deploytest-ours', type = 'Object Created') => {
      const event = {
        id: '1',
        account: '1',
        source: 'aws.s3',
        time: '2026-11-22T00:00:00Z',
        region: 'us-east-1',
        resources: [],
      }
      const detail = { bucket: { name: bucket }, object: { key, size: 1 } }
      const Event = JSON.stringify({ ...event, 'detail-type': type, detail })
      return (await clients.events.send(new TestEventPatternCommand({ EventPattern: pattern, Event }))).Result
    }
    const commit = '_delta_log/00000000000000000007.json'
    expect(await matches(`silver/flights/${commit}`)).toBe(true)
    expect(await matches(`a b/ü+1/${commit}`)).toBe(true)
    expect(await matches('silver/flights/part-0.snappy.parquet')).toBe(false)
    expect(await matches('silver/flights/_delta_log/_last_checkpoint')).toBe(false)
    expect(await matches('silver/flights/_delta_log/00000000000000000007.crc')).toBe(false)
    expect(await matches('silver/flights/data.json')).toBe(false)
    expect(await matches(`silver/flights/${commit}`, 'another')).toBe(false)
    expect(await matches(`silver/flights/${commit}`, 'deploytest-ours', 'Object Deleted')).toBe(false)
  })
})

describe('serverless deploy', () => {
  const queue = 'arn:aws:sqs:us-east-1:000000000000:deploytest-others'
  const theirs = {
    QueueConfigurations: [
      {
        Id: 'not-ours',
        QueueArn: queue,
        Events: ['s3:ObjectCreated:*' as const],
        Filter: { Key: { FilterRules: [{ Name: 'prefix' as const, Value: 'in/' }] } },
      },
    ],
  }

  test('an existing bucket keeps its notifications; commits in it and in a new bucket reach the catalog', async () => {
    await clients.s3.send(new CreateBucketCommand({ Bucket: 'deploytest-theirs' }))
    const allow = {
      Effect: 'Allow',
      Principal: { Service: 's3.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queue,
    }
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow] })
    await clients.sqs.send(new CreateQueueCommand({ QueueName: 'deploytest-others', Attributes: { Policy } }))
    await clients.s3.send(
      new PutBucketNotificationConfigurationCommand({ Bucket: 'deploytest-theirs', NotificationConfiguration: theirs }),
    )

    const { status, output } = await serverless('deploy', '--stage', 'local')
    expect([status, output]).toEqual([0, expect.stringContaining('deployed')])
    const { $metadata: _, ...after } = await clients.s3.send(
      new GetBucketNotificationConfigurationCommand({ Bucket: 'deploytest-theirs' }),
    )
    expect(after).toMatchObject({ ...theirs, EventBridgeConfiguration: {} })

    const { logGroups = [] } = await clients.logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/sagemaker/Endpoints/deploytest' }),
    )
    expect(logGroups).toMatchObject([
      { logGroupName: '/aws/sagemaker/Endpoints/deploytest-delay', retentionInDays: 30 },
    ])

    await commit('deploytest-ours', 'silver/flights')
    await commit('deploytest-theirs', 'gold/airports')
    expect(await lastVersion('deploytest_silver', 'flights')).toBe('0')
    expect(await lastVersion('deploytest_gold', 'airports')).toBe('0')
  }, 90_000)

  test('a sweep restores a table that was dropped by hand', async () => {
    await clients.glue.send(new DeleteTableCommand({ DatabaseName: 'deploytest_silver', Name: 'flights' }))
    const swept = await clients.lambda.send(
      new InvokeCommand({
        FunctionName: 'landfall-deploytest-local-sweep',
        Payload: await readFile(join(root, 'events/sweep.json')),
      }),
    )
    expect([swept.FunctionError, JSON.parse(swept.Payload!.transformToString())]).toEqual([
      undefined,
      { woken: { catalog: 2, deployment: 1 }, files: {} },
    ])
    expect(await lastVersion('deploytest_silver', 'flights')).toBe('0')
  }, 60_000)

  test('a second deploy without changes does nothing', async () => {
    const { status, output } = await serverless('deploy', '--stage', 'local')
    expect([status, output]).toEqual([0, expect.stringContaining('No changes')])
  }, 60_000)
})

async function commit(Bucket: string, prefix: string): Promise<void> {
  const schema = { type: 'struct', fields: [{ name: 'id', type: 'long', nullable: true, metadata: {} }] }
  const metaData = {
    id: 'x',
    format: { provider: 'parquet', options: {} },
    schemaString: JSON.stringify(schema),
    partitionColumns: [],
    configuration: {},
  }
  const actions = [
    { commitInfo: { timestamp: 1 } },
    { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
    { metaData },
  ]
  const Body = actions.map((action) => JSON.stringify(action)).join('\n')
  await clients.s3.send(new PutObjectCommand({ Bucket, Key: `${prefix}/_delta_log/00000000000000000000.json`, Body }))
}

/** `delta.lastUpdateVersion` of the Glue table, waiting up to 20 s for it. */
async function lastVersion(DatabaseName: string, Name: string): Promise<string | undefined> {
  for (let waited = 0; waited < 20_000; waited += 250) {
    const found = await clients.glue.send(new GetTableCommand({ DatabaseName, Name })).catch((error: Error) => {
      if (error.name !== 'EntityNotFoundException') throw error
      return undefined
    })
    if (found !== undefined) return found.Table?.Parameters?.['delta.lastUpdateVersion']
    await sleep(250)
  }
  return undefined
}

/** The files of a zip by name, from its central directory (APPNOTE 4.3.12). */
function unzip(zip: Buffer): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>()
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]))
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size, name, extra, comment] = [
      zip.readUInt16LE(at + 10),
      zip.readUInt32LE(at + 20),
      zip.readUInt16LE(at + 28),
      zip.readUInt16LE(at + 30),
      zip.readUInt16LE(at + 32),
    ]
    const local = zip.readUInt32LE(at + 42)
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    const packed = zip.subarray(start, start + size)
    files.set(zip.toString('utf8', at + 46, at + 46 + name), method === 0 ? packed : inflateRawSync(packed))
    at += 46 + name + extra + comment
  }
  return files
}
