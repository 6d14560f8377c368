import { describe, expect, test } from '@jest/globals'
import { modelRoles } from '../../infra/sagemaker/model-roles.ts'
import { policySize, type Statement } from '../../infra/policies.ts'
import { roles } from '../../infra/roles.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { lakeOf, lakeOfModels, lakeWithFiles, lakeWithFilesInCatalog, lakeWithJobs } from './lakes.ts'

/** Every wildcard that a role may have, with the reason. Others fail the test. */
const allowed: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^\*$/, 'X-Ray and a few other actions have no resource types; see `everything`'],
  [/:log-group:\/aws\/lambda\/[\w-]+:log-stream:\*$/, "Lambda names the streams of the function's own log group"],
  [/:s3:::[a-z0-9.-]+\/(.+\/)?_delta_log\/\*$/, 'the files of one log'],
  [/:s3:::[a-z0-9.-]+\/_landfall\/manifests\/\*$/, 'manifests are named after their runs'],
]
/** More wildcards, for a lake with too many tables for one policy. */
const widened: typeof allowed = [
  [/:s3:::[a-z0-9.-]+\/\*_delta_log\/\*$/, 'the logs of one bucket of the lake'],
  [/:glue:.*:table\/\w+\/\*$/, 'the tables of one database of the lake'],
]

/** More wildcards, for a lake with models. */
const ofModels: typeof allowed = [
  [
    /:sagemaker:.*:(model|endpoint-config)\/[\w-]+--v\*$/,
    'the names of models and configurations contain version and hash',
  ],
  [/:cloudwatch:.*:alarm:landfall-flights-prod-[\w-]+--v\*$/, 'so do those of their alarms'],
  [/:s3:::flights-lake\/packages\/team-\d\/[\w-]+--v\*\/model\.tar\.gz$/, 'and those of their packages'],
  [/:s3:::flights-mlflow\/artifacts\/\*$/, 'the registry chooses the folders of artifacts'],
  [/:s3:::flights-lake\/captured\/\*$/, 'SageMaker names the captured files'],
  [/:application-autoscaling:.*:scalable-target\/\*$/, 'AWS chooses the ids; a condition limits it to SageMaker'],
  [/:alarm:TargetTracking-endpoint\/\*\/variant\/AllTraffic-\*$/, 'AWS names these alarms'],
  [/:cloudwatch:.*:alarm:\*$/, 'read only: the permission check of Application Auto Scaling names no alarm'],
  [/:log-group:\/aws\/sagemaker\/Endpoints\/[\w-]+:\*$/, 'SageMaker names the streams'],
  [/:logs:.*:log-group:\*$/, 'read only: IAM allows nothing narrower for DescribeLogGroups'],
]
/** Actions without resource types (Service Authorization Reference). */
const everything = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'ecr:GetAuthorizationToken',
  'cloudwatch:PutMetricData',
]

interface Role {
  readonly Properties: {
    readonly Policies: { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[]
  }
}

const existing = { raw: { name: 'flights-raw', existing: true }, lake: { name: 'flights-lake', existing: false } }
const statements = (lake: Lake) =>
  (Object.values({ ...roles(lake), ...modelRoles(lake) }) as unknown as Role[]).flatMap(
    ({ Properties }) => Properties.Policies[0]!.PolicyDocument.Statement,
  )

function wildcards(lake: Lake): string[] {
  return statements(lake)
    .flatMap(({ Resource }) => (Resource === '*' ? ['*'] : Resource))
    .map((resource) => (typeof resource === 'string' ? resource : 'Fn::Sub' in resource ? resource['Fn::Sub'] : ''))
    .filter((resource) => resource.includes('*'))
}

describe('roles', () => {
  test('have no wildcard that can be avoided', () => {
    const found = wildcards(lakeWithJobs(5, { buckets: existing }))
    expect(found.length).toBeGreaterThan(5)
    expect(found.filter((resource) => !allowed.some(([pattern]) => pattern.test(resource)))).toEqual([])
  })

  test('of a lake with thousands of tables cover its own buckets and databases, not more', () => {
    const found = wildcards(lakeWithJobs(5_000))
    expect(found.filter((resource) => ![...allowed, ...widened].some(([pattern]) => pattern.test(resource)))).toEqual(
      [],
    )
  })

  test('of a lake with models have no wildcard that can be avoided', () => {
    const found = wildcards(lakeOfModels(5))
    for (const [pattern] of ofModels) expect(found.filter((resource) => pattern.test(resource))).not.toEqual([])
    expect(found.filter((resource) => ![...allowed, ...ofModels].some(([pattern]) => pattern.test(resource)))).toEqual(
      [],
    )
  })

  test('have no wildcard actions, and cover all resources only for actions without resource types', () => {
    for (const lake of [lakeWithJobs(2, { buckets: existing }), lakeOfModels(5)])
      for (const { Action, Resource } of statements(lake)) {
        expect(Action.filter((action) => action.includes('*'))).toEqual([])
        if (Resource === '*') expect(Action.filter((action) => !everything.includes(action))).toEqual([])
      }
  })

  test('delete nothing, and write nothing to the lake except manifests', () => {
    const actions = statements(lakeWithJobs(2, { buckets: existing })).flatMap(({ Action }) => Action)
    expect(new Set(actions.filter((action) => /Delete/.test(action)))).toEqual(new Set(['sqs:DeleteMessage']))
    const writes = statements(lakeWithJobs(2, { buckets: existing }))
      .filter(({ Action }) => Action.some((action) => /^s3:(Put|Delete|Replicate|Restore)/.test(action)))
      .map(({ Sid }) => Sid)
    expect(writes).toEqual(['PutManifests', 'Notifications'])
  })

  test('for landing logs list the tables of files by prefix, and read none of their objects', () => {
    const lists = (lake: Lake) => statements(lake).filter(({ Sid }) => Sid === 'ListFiles')
    const few = lists(lakeWithFiles(3))
    expect(few).toHaveLength(2)
    for (const { Action, Condition } of few) {
      expect(Action).toEqual(['s3:ListBucket'])
      expect(Condition).toEqual({
        StringLike: { 's3:prefix': ['raw/uploads_0/*', 'raw/uploads_1/*', 'raw/uploads_2/*'] },
      })
    }
    for (const { Resource } of lists(lakeWithFiles(5_000)))
      expect(JSON.stringify(Resource)).toMatch(/:s3:::flights-raw"/)
  })

  test('for catalog-files read the files by table or bucket; only they change partitions', () => {
    const of = (lake: Lake, sid: string) => statements(lake).filter(({ Sid }) => Sid === sid)
    const few = of(lakeWithFilesInCatalog(3), 'ReadFiles')
    expect(few.map(({ Action }) => Action)).toEqual([['s3:GetObject']])
    expect(JSON.stringify(few[0]?.Resource).match(/raw\/uploads_\d\/\*/g)).toHaveLength(3)
    expect(JSON.stringify(of(lakeWithFilesInCatalog(5_000), 'ReadFiles')[0]?.Resource)).toMatch(
      /:s3:::flights-raw\/\*"/,
    )
    const glue = of(lakeWithFilesInCatalog(3), 'Glue').at(-1)
    expect(glue?.Action.filter((action) => action.includes('Partition'))).toEqual([
      'glue:BatchCreatePartition',
      'glue:BatchDeletePartition',
      'glue:BatchUpdatePartition',
      'glue:GetPartitions',
    ])
    expect(of(lakeOf(3), 'Glue')[0]?.Action.filter((action) => action.includes('Partition'))).toEqual([])
  })

  test('stay within IAM’s limit for any lake', () => {
    for (const lake of [lakeWithFilesInCatalog(5_000), lakeOf(5_000), lakeWithJobs(5_000)])
      for (const { Properties } of Object.values(roles(lake)) as unknown as Role[])
        expect(policySize(Properties.Policies[0]!.PolicyDocument)).toBeLessThan(10_240)
  })

  test('for existing buckets exist only if the lake has such buckets', () => {
    expect(Object.keys(roles(lakeOf(1)))).toHaveLength(3)
    expect(Object.keys(roles(lakeOf(1, { buckets: existing })))).toHaveLength(4)
    expect(Object.keys(roles(lakeWithJobs(1)))).toHaveLength(5)
  })

  test('never have an empty list of resources, which IAM rejects', () => {
    for (const { Resource } of statements(lakeOf(0))) expect(Resource).not.toEqual([])
  })
})
