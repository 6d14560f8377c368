import { describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import type { Resource } from '../../infra/cloudformation.ts'
import { logical } from '../../infra/cloudformation.ts'
import { policySize } from '../../infra/policies.ts'
import { maxReceives } from '../../infra/queues.ts'
import { environment, stack } from '../../infra/stack.ts'
import { lambda } from '../../src/lambda/function.ts'
import { names } from '../../src/lake/resource-names.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { lakeOf, lakeWithFiles } from './lakes.ts'

const settings = { functions: ['commits', 'catalog', 'sweep'] }
const resources = (lake: Lake) => stack(lake, settings).Resources
const ofType = (lake: Lake, type: string) => Object.values(resources(lake)).filter(({ Type }) => Type === type)

describe('a lake of any size', () => {
  test('has the same resources as a lake of five tables, and stays within the limits of AWS', () => {
    const [small, large] = [resources(lakeOf(5)), resources(lakeOf(5_000))]
    expect(Object.keys(large)).toEqual(Object.keys(small))
    for (const { Properties } of Object.values(large)) {
      const policies = Properties['Policies'] as { PolicyDocument: object }[] | undefined
      // IAM counts all inline policies of a role, without white space.
      if (policies !== undefined) expect(policySize(policies)).toBeLessThan(10_240)
    }
    // CloudFormation takes 500 resources and, from S3, a template of 1 MB.
    expect(JSON.stringify(large).length).toBeLessThan(100_000)
  })

  test('names its tables one by one in its roles as long as they fit', () => {
    const policy = JSON.stringify(resources(lakeOf(5))['CatalogRole'])
    expect(policy).toContain('flights-lake/silver/table_4/_delta_log/*')
    expect(policy).toContain('table/database_0/table_4')
    expect(JSON.stringify(resources(lakeOf(500))['CatalogRole'])).toContain('table/database_4/*')
  })

  test('has different logical ids for different buckets', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}$/)
    fc.assert(
      fc.property(name, name, (a, b) => (logical(a) === logical(b)) === (a === b)),
      { seed: 20_261_122, numRuns: 2_000 },
    )
    expect(logical('a-b.c_d')).toMatch(/^[A-Za-z0-9]+$/)
  })
})

describe('resources with data', () => {
  const retained = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table']

  test.each(retained)('%s is kept when the stack is removed, except in the stage local', (type) => {
    for (const [stage, DeletionPolicy, UpdateReplacePolicy] of [
      ['prod', 'RetainExceptOnCreate', 'Retain'],
      ['dev', 'RetainExceptOnCreate', 'Retain'],
      ['local', 'Delete', 'Delete'],
    ] as const)
      for (const resource of ofType(lakeOf(1, { stage }), type))
        expect(resource).toMatchObject({ DeletionPolicy, UpdateReplacePolicy })
  })

  test('the ledger has point-in-time recovery, and deletes only what has expired', () => {
    expect(ofType(lakeOf(1), 'AWS::DynamoDB::Table')[0]?.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    })
  })

  test('an existing bucket is never created, replaced or removed by the stack', () => {
    const lake = lakeOf(1, { buckets: { lake: { name: 'flights-lake', existing: true } } })
    expect(ofType(lake, 'AWS::S3::Bucket')).toEqual([])
    expect(ofType(lake, 'AWS::S3::BucketPolicy')).toEqual([])
    expect(ofType(lake, 'Custom::BucketEvents')).toHaveLength(1)
  })

  test('every queue has a dead-letter queue that keeps messages longer, with an alarm', () => {
    const all = resources(lakeOf(1))
    const queues = Object.entries(all).filter(([, { Type }]) => Type === 'AWS::SQS::Queue')
    expect(queues.map(([id]) => id).sort()).toEqual(
      ['CatalogDeadLetters', 'CatalogQueue', 'CommitsDeadLetters', 'CommitsQueue', 'SweepDeadLetters'].sort(),
    )
    for (const [id, { Properties }] of queues) {
      if (!id.endsWith('Queue')) continue
      const dead = all[id.replace('Queue', 'DeadLetters')] as Resource
      expect(Properties['RedrivePolicy']).toMatchObject({ maxReceiveCount: maxReceives })
      expect(Number(dead.Properties['MessageRetentionPeriod'])).toBeGreaterThan(
        Number(Properties['MessageRetentionPeriod']),
      )
      expect(all[`${id.replace('Queue', 'DeadLetters')}Alarm`]?.Properties['MetricName']).toBe(
        'ApproximateNumberOfMessagesVisible',
      )
    }
  })
})

describe('the wiring', () => {
  test('every reference is to a resource of the stack', () => {
    const lake = lakeOf(2)
    const all = resources(lake)
    const targets = new Set<string>()
    collect([all, environment(lake, 'lake.json')], targets)
    expect([...targets].filter((id) => all[id] === undefined)).toEqual([])
    expect(targets.size).toBeGreaterThan(5)
  })

  test('a lake without Delta tables has no rule for commits; one without a catalog has none for the catalog queue', () => {
    const { lake, ...rest } = { lake: lakeOf(1), tables: lakeOf(1).tables['table_0']! }
    const files = { ...lake, tables: { t: { ...rest.tables, format: 'json' as const } } }
    expect(Object.keys(resources(files))).not.toContain('BucketLakeCommitsRule')
    const { catalog: _, ...bare } = rest.tables
    expect(Object.keys(resources({ ...lake, tables: { t: bare } }))).not.toContain('CatalogRule')
  })

  test('events of tables of files are matched by prefix as long as a pattern holds them, else by bucket', () => {
    const pattern = (lake: Lake) => resources(lake)['BucketRawFilesRule']?.Properties['EventPattern'] as object
    const bucket = { name: ['flights-raw'] }
    expect(pattern(lakeWithFiles(2))).toEqual({
      source: ['aws.s3'],
      'detail-type': ['Object Created', 'Object Deleted'],
      detail: { bucket, object: { key: [{ prefix: 'raw/uploads_0/' }, { prefix: 'raw/uploads_1/' }] } },
    })
    for (const tables of [50, 60, 70, 5_000])
      expect(JSON.stringify(pattern(lakeWithFiles(tables))).length).toBeLessThan(2_049)
    expect(pattern(lakeWithFiles(5_000))).toMatchObject({ detail: { bucket } })
    expect(resources(lakeWithFiles(1))['FilesQueuePolicy']).toBeDefined()
    expect(Object.keys(resources(lakeOf(1)))).not.toContain('FilesQueue')
  })

  test('the lag alarm watches the metric and dimensions that the functions publish', async () => {
    const published = await emitted((context) => context.lag('catalog', 'flights', 'table_0', 5))
    const { Properties } = resources(lakeOf(1))['CatalogLagAlarm']!
    const dimensions = (Properties['Dimensions'] as { Name: string; Value: string }[]).map(({ Name, Value }) => [
      Name,
      Value,
    ])
    const { _aws, ...fields } = published.find(({ table }) => table === undefined)!
    const { Namespace, Metrics, Dimensions } = (_aws as Emf).CloudWatchMetrics[0]!
    expect([Namespace, Metrics[0]!.Name]).toEqual([Properties['Namespace'], Properties['MetricName']])
    expect(Dimensions[0]!.map((name) => [name, fields[name]])).toEqual(dimensions)
    expect(Metrics[0]!.Unit).toBe('Milliseconds')
  })

  test('functions get the variables of src/lambda/config.ts, and resources have the names that the CLI derives', () => {
    const lake = lakeOf(1)
    expect(Object.keys(environment(lake, 'x'))).toEqual(
      expect.arrayContaining(['LAKE_FILE', 'LEDGER_TABLE', 'BUS_NAME', 'QUEUES', 'MAX_RECEIVES']),
    )
    expect(resources(lake)['Ledger']?.Properties['TableName']).toBe(names(lake).ledger)
    expect(resources(lake)['Bus']?.Properties['Name']).toBe(names(lake).bus)
    expect(resources(lake)['CatalogQueue']?.Properties['QueueName']).toBe(names(lake).queue('catalog'))
  })

  test('alarms on dead letters name the command to run; a failed sweep cannot be requeued', () => {
    const description = (id: string) => resources(lakeOf(1))[id]?.Properties['AlarmDescription']
    expect(description('CatalogDeadLettersAlarm')).toContain("'landfall redrive catalog --stage prod --dry-run'")
    expect(description('SweepDeadLettersAlarm')).toContain("'landfall sweep --stage prod'")
  })

  test('alarms notify a topic only if one is given', () => {
    const topic = 'arn:aws:sns:us-east-1:123456789012:ops'
    const notifying = Object.values(stack(lakeOf(1), { ...settings, topic }).Resources).filter(
      ({ Type }) => Type === 'AWS::CloudWatch::Alarm',
    )
    expect(notifying.length).toBeGreaterThan(4)
    for (const { Properties } of notifying) expect(Properties['AlarmActions']).toEqual([topic])
    for (const { Properties } of ofType(lakeOf(1), 'AWS::CloudWatch::Alarm'))
      expect(Properties['AlarmActions']).toBeUndefined()
  })
})

interface Emf {
  readonly CloudWatchMetrics: {
    readonly Namespace: string
    readonly Metrics: { Name: string; Unit: string }[]
    readonly Dimensions: string[][]
  }[]
}

/** Adds the logical ids that `value` refers to, without pseudo parameters. */
function collect(value: unknown, into: Set<string>): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'Ref') into.add(String(inner))
    else if (key === 'Fn::GetAtt') into.add((inner as string[])[0]!)
    else if (key === 'Fn::Sub') for (const [, id] of String(inner).matchAll(/\$\{(\w+)\}/g)) into.add(id!)
    else collect(inner, into)
  }
}

/** The embedded metrics that a function prints. */
async function emitted(
  work: (context: { lag(...args: [string, string, string, number]): void }) => void,
): Promise<Record<string, unknown>[]> {
  const lines: string[] = []
  const before = { ...process.env }
  Object.assign(process.env, { LAKE_FILE: 'x', LEDGER_TABLE: 'x', BUS_NAME: 'x', QUEUES: '{}', MAX_RECEIVES: '10' })
  const output = jest.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0)
  try {
    const handler = lambda<unknown, void>('catalog', (context) => async () => work(context))
    await handler({}, {} as never)
  } finally {
    output.mockRestore()
    process.env = before
  }
  return lines.filter((line) => line.includes('_aws')).map((line) => JSON.parse(line) as Record<string, unknown>)
}
