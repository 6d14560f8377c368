import { describe, expect, test } from '@jest/globals'
import { readSecrets } from '../../infra/access.ts'
import { locationFault } from '../../src/lake/location.ts'
import { secretFault } from '../../src/lake/secret-name.ts'
import { problemsOf } from '../reactions/declaration/faults.ts'
import { validLake } from '../reactions/declaration/valid-lake.ts'

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:landfall/mlflow-AbCdEf'

describe('a secret in lake.yml', () => {
  test.each([
    ['a name', 'landfall/mlflow'],
    ['a name with all that Secrets Manager allows', 'aA0/_+=.@-'],
    ['a name that ends like an ARN', 'landfall-mlflow'],
    ['the longest name', 'x'.repeat(512)],
    ['a full ARN', ARN],
    ['a full ARN in China', 'arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a-AbCd12'],
    ['a full ARN of GovCloud', 'arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:a/b-123456'],
  ])('may be %s', (_what, secret) => {
    expect(secretFault(secret)).toBeUndefined()
    expect(problemsOf(validLake.replace('landfall/mlflow', secret))).toEqual([])
  })

  test.each([
    ['*'],
    ['landfall/*'],
    ['landfall/mlflo?'],
    ['landfall/mlflow:x'],
    ['land fall'],
    ['landfall/mlflow\n'],
    [''],
    ['x'.repeat(513)],
    ['ümlaut'],
    ['arn:aws:secretsmanager:eu-west-1:123456789012:secret:*-AbCdEf'],
    ['arn:aws:secretsmanager:*:123456789012:secret:landfall-AbCdEf'],
    ['arn:aws:secretsmanager:eu-west-1:*:secret:landfall-AbCdEf'],
    ['arn:aws:secretsmanager:eu-west-1:123456789012:secret:landfall-??????'],
    [`${ARN}:password::`],
    ['arn:aws:s3:::bucket-AbCdEf'],
    ['arn:aws:ssm:eu-west-1:123456789012:parameter/landfall'],
  ])('is refused where rights could not be granted on exactly one: %j', (secret) => {
    expect(secretFault(secret)).toMatchObject({ what: 'bad secret', expected: expect.stringMatching(/name|ARN/) })
  })

  test('as an ARN without its random end is refused, and its name is suggested', () => {
    const partial = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:landfall/mlflow'
    expect(secretFault(partial)?.suggestion).toBe('landfall/mlflow')
  })

  test('in a region of another partition is refused', () => {
    expect(secretFault(ARN.replace('eu-west-1', 'cn-north-1'))?.suggestion).toContain('arn:aws-cn:')
    expect(secretFault(ARN.replace('arn:aws:', 'arn:aws-us-gov:'))?.suggestion).toContain('arn:aws:')
  })

  test('in another region than a second one is refused', () => {
    const lake = validLake.replace('landfall/mlflow', ARN)
    const other = ARN.replace('eu-west-1', 'eu-west-2')
    const [problem, ...more] = problemsOf(lake.replace('landfall/databricks', other))
    expect([problem?.path, more]).toEqual(['databricks.secret', []])
    expect(problem?.message).toContain('a secret in another region: expected a secret in eu-west-1')
  })

  test('is granted as exactly what it is', () => {
    const [granted] = readSecrets(['landfall/mlflow', 'landfall-mlflow', ARN, ARN])
    expect(granted?.Resource).toEqual([
      { 'Fn::Sub': expect.stringMatching(/:secret:landfall\/mlflow-\?{6}$/) },
      { 'Fn::Sub': expect.stringMatching(/:secret:landfall-mlflow-\?{6}$/) },
      ARN,
    ])
  })
})

test.each([
  's3://*',
  's3://*/x',
  's3://mod?ls/x',
  's3://models-*/x',
  's3://bucket/*',
  's3://bucket/a?',
  's3://u:p@bucket/x',
])('a place with a wildcard is refused, since rights are granted on it: %j', (place) => {
  expect(locationFault(place)?.what).toBe('bad location')
  expect(problemsOf(validLake.replace('s3://mlflow', place))).toMatchObject([{ path: 'registries.main.artifacts' }])
})

test.each([
  ['database: silver }', "database: '*' }"],
  ['table: uploads }', "table: 'up*' }"],
  ['name: delay, instance', "name: 'de*', instance"],
  ['name: flights-lake', "name: 'flights-*'"],
  ['promote:', "role: 'arn:aws:iam::123456789012:role/*'\n    promote:"],
  ['promote:', "image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/*:1'\n    promote:"],
  ['secret: landfall/mlflow', "server: 'arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/*'"],
  ['kinesis: positions', "kinesis: '*'"],
  ['workgroup: analytics', "workgroup: '*'"],
  ['load: {', "rows: { dynamodb: '*', keys: [a] }\n    load: {"],
])('no other name may be a wildcard either: %s', (from, to) => {
  expect(validLake).toContain(from)
  expect(
    problemsOf(validLake.replace(from, to))
      .map(({ found }) => found)
      .join(),
  ).toMatch(/[*…]/)
})
