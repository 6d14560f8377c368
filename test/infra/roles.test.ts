import { describe, expect, test } from '@jest/globals'
import { modelRoles } from '../../infra/sagemaker/model-roles.ts'
import { policySize, type Statement } from '../../infra/policies.ts'
import { roles } from '../../infra/roles.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { lakeOf, lakeOfModels, lakeWithFiles, lakeWithFilesInCatalog, lakeWithJobs } from './lakes.ts'

/** Every wildcard that a role may have, and why. What is not listed fails. */
const allowed: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^\*$/, 'X-Ray has no resources that a policy could name; tried for a few actions only'],
  [/:log-group:\/aws\/lambda\/[\w-]+:log-stream:\*$/, "Lambda names the streams of the function's own log group"],
  [/:s3:::[a-z0-9.-]+\/(.+\/)?_delta_log\/\*$/, 'the files of one log'],
  [/:s3:::[a-z0-9.-]+\/_landfall\/manifests\/\*$/, 'manifests are named by the runs that they are for'],
]
/** What a lake of too many tables for one policy has beside those. */
const widened: typeof allowed = [
  [/:s3:::[a-z0-9.-]+\/\*_delta_log\/\*$/, 'the logs of one bucket of the lake'],
  [/:glue:.*:table\/\w+\/\*$/, 'the tables of one database of the lake'],
]

/** What a lake with models has beside those of `allowed`. */
const ofModels: typeof allowed = [
  [/:sagemaker:.*:(model|endpoint-config)\/[\w-]+--v\*$/, 'models and configurations are named by version and content'],
  [/:cloudwatch:.*:alarm:landfall-flights-prod-[\w-]+--v\*$/, 'so are the alarms on them'],
  [/:s3:::flights-lake\/packages\/team-\d\/[\w-]+--v\*\/model\.tar\.gz$/, 'and their packages'],
  [/:s3:::flights-mlflow\/artifacts\/\*$/, 'the registry names the folders of artifacts'],
  [/:s3:::flights-lake\/captured\/\*$/, 'SageMaker names what it captures'],
  [/:application-autoscaling:.*:scalable-target\/\*$/, 'AWS makes up the ids; held to SageMaker by a condition'],
  [/:alarm:TargetTracking-endpoint\/\*\/variant\/AllTraffic-\*$/, 'AWS names these alarms'],
  [/:cloudwatch:.*:alarm:\*$/, 'to look at: Application Auto Scaling tries whether that is allowed, and names none'],
  [/:log-group:\/aws\/sagemaker\/Endpoints\/[\w-]+:\*$/, 'SageMaker names the streams'],
]
/** What IAM has no resource for (Service Authorization Reference). */
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
  test('a wildcard that AWS does not force is nowhere', () => {
    const found = wildcards(lakeWithJobs(5, { buckets: existing }))
    expect(found.length).toBeGreaterThan(5)
    expect(found.filter((resource) => !allowed.some(([pattern]) => pattern.test(resource)))).toEqual([])
  })

  test('a lake of thousands widens to its own buckets and databases, no further', () => {
    const found = wildcards(lakeWithJobs(5_000))
    expect(found.filter((resource) => ![...allowed, ...widened].some(([pattern]) => pattern.test(resource)))).toEqual(
      [],
    )
  })

  test('nor is one for models', () => {
    const found = wildcards(lakeOfModels(5))
    for (const [pattern] of ofModels) expect(found.filter((resource) => pattern.test(resource))).not.toEqual([])
    expect(found.filter((resource) => ![...allowed, ...ofModels].some(([pattern]) => pattern.test(resource)))).toEqual(
      [],
    )
  })

  test('an action is never a pattern, and is about everything only where IAM knows nothing less', () => {
    for (const lake of [lakeWithJobs(2, { buckets: existing }), lakeOfModels(5)])
      for (const { Action, Resource } of statements(lake)) {
        expect(Action.filter((action) => action.includes('*'))).toEqual([])
        if (Resource === '*') expect(Action.filter((action) => !everything.includes(action))).toEqual([])
      }
  })

  test('no role deletes anything, reads a data file or writes to the lake but manifests', () => {
    const actions = statements(lakeWithJobs(2, { buckets: existing })).flatMap(({ Action }) => Action)
    expect(new Set(actions.filter((action) => /Delete/.test(action)))).toEqual(new Set(['sqs:DeleteMessage']))
    const writes = statements(lakeWithJobs(2, { buckets: existing }))
      .filter(({ Action }) => Action.some((action) => /^s3:(Put|Delete|Replicate|Restore)/.test(action)))
      .map(({ Sid }) => Sid)
    expect(writes).toEqual(['PutManifests', 'Notifications'])
  })

  test('whoever keeps the landing logs lists the tables of files by their names, and reads no byte of them', () => {
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

  test('the catalog of tables of files reads their files, one table’s or a bucket’s, and changes partitions of their records alone', () => {
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

  test('a role never outgrows what IAM takes, whatever the lake', () => {
    for (const lake of [lakeWithFilesInCatalog(5_000), lakeOf(5_000), lakeWithJobs(5_000)])
      for (const { Properties } of Object.values(roles(lake)) as unknown as Role[])
        expect(policySize(Properties.Policies[0]!.PolicyDocument)).toBeLessThan(10_240)
  })

  test('a function for existing buckets has a role only where there are some', () => {
    expect(Object.keys(roles(lakeOf(1)))).toHaveLength(3)
    expect(Object.keys(roles(lakeOf(1, { buckets: existing })))).toHaveLength(4)
    expect(Object.keys(roles(lakeWithJobs(1)))).toHaveLength(5)
  })

  test('a lake without tables in the catalog has no empty list of resources, which IAM refuses', () => {
    for (const { Resource } of statements(lakeOf(0))) expect(Resource).not.toEqual([])
  })
})
