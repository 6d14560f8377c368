import { expect, test } from '@jest/globals'
import { describeFaults, problemsOf, type Row } from '../../declaration/faults.ts'
import { validModels as valid } from './model-lake.ts'

const endpoints: readonly Row[] = [
  {
    risk: 'two models on one endpoint, whose names differ only in case',
    replace: [15, '      name: STAGED'],
    at: '32:23 models.staged.endpoint.name',
    says: 'the endpoint staged is already used by models.delay.endpoint.name',
  },
  {
    risk: 'a name that is the prefix of another endpoint’s configurations, so that rights would overlap',
    replace: [15, '      name: delay--v2'],
    at: '15:13 models.delay.endpoint.name',
    says: 'bad endpoint name: expected 1 to 63 letters, digits and hyphens, with no hyphen at an end and no --v',
    suggestion: 'delay-v2',
  },
  {
    risk: 'a name made too long for SageMaker by its hyphens',
    replace: [15, `      name: a${'-'.repeat(62)}b`],
    at: '15:13 models.delay.endpoint.name',
    says: 'bad endpoint name',
    suggestion: 'a-b',
  },
  {
    risk: 'an EC2 instance type',
    replace: [16, '      instance: m5.large'],
    at: '16:17 models.delay.endpoint.instance',
    says: 'bad instance type',
    suggestion: 'ml.m5.large',
  },
  ...['ml.c7g.large', 'ml.m6gd.xlarge', 'ml.c6gn.large', 'ml.p6e-gb200.36xlarge'].map((type) => ({
    risk: `${type}, which is ARM, with MLflow’s own container`,
    replace: [32, `    endpoint: { name: staged, instance: ${type} }`] as const,
    at: '32:41 models.staged.image',
    says: 'needs the key image, with a container for ARM',
  })),
  {
    risk: 'neither an instance nor serverless',
    replace: [32, '    endpoint: { name: staged }'],
    at: '32:5 models.staged.endpoint',
    says: 'exactly one of instance, serverless, found none',
  },
  {
    risk: 'both an instance and serverless',
    replace: [28, '    endpoint: { name: x, instance: ml.m5.large, serverless: { memory: 2 GB, concurrency: 10 } }'],
    at: '28:5 models.serverless.endpoint',
    says: 'found instance and serverless',
  },
  {
    risk: 'no instances',
    replace: [17, '      instances: 0'],
    at: '17:18 models.delay.endpoint.instances',
    says: 'at least 1',
  },
  {
    risk: 'instances as text',
    replace: [17, '      instances: many'],
    at: '17:18 models.delay.endpoint.instances',
    says: 'expected a whole number or a map',
  },
  {
    risk: 'a maximum of instances below the minimum',
    replace: [17, '      instances: { min: 4, max: 2, invocations: 200 }'],
    at: '17:33 models.delay.endpoint.instances.max',
    says: 'at least min, 4',
  },
  {
    risk: 'autoscaling without a target',
    replace: [17, '      instances: { min: 2, max: 4 }'],
    at: '17:28 models.delay.endpoint.instances.invocations',
    says: 'needs the key invocations',
  },
  {
    risk: 'autoscaling of an instance type that SageMaker cannot scale, which would fail only after the endpoint is in service',
    replace: [16, '      instance: ml.t2.medium'],
    at: '16:17 models.delay.endpoint.instance',
    says: 'cannot be autoscaled',
  },
  {
    risk: 'an autoscaling target for a fixed number of instances',
    replace: [17, '      instances: { min: 2, max: 2, invocations: 200 }'],
    at: '17:36 models.delay.endpoint.instances.invocations',
    says: 'no invocations where min and max are the same',
  },
  {
    risk: 'a canary of more than 100%',
    replace: [18, '      rollout: { canary: 110% }'],
    at: '18:26 models.delay.endpoint.rollout.canary',
    says: 'a whole percentage from 1% to 50%',
  },
  {
    risk: 'a canary without a percent sign',
    replace: [18, "      rollout: { canary: '10' }"],
    at: '18:26 models.delay.endpoint.rollout.canary',
    says: 'bad percentage',
    suggestion: '10%',
  },
  {
    risk: 'a canary of more than half, which SageMaker rejects',
    replace: [18, '      rollout: { canary: 51% }'],
    at: '18:26 models.delay.endpoint.rollout.canary',
    says: 'a whole percentage from 1% to 50%',
  },
  {
    risk: 'a canary of a fractional percentage, which SageMaker does not support',
    replace: [18, '      rollout: { canary: 2.5% }'],
    at: '18:26 models.delay.endpoint.rollout.canary',
    says: 'a whole percentage',
  },
  {
    risk: 'linear steps that are too small',
    replace: [18, '      rollout: { linear: 9% }'],
    at: '18:26 models.delay.endpoint.rollout.linear',
    says: 'from 10% to 50%',
  },
  {
    risk: 'rolling batches that are too small',
    replace: [18, '      rollout: { rolling: 4% }'],
    at: '18:27 models.delay.endpoint.rollout.rolling',
    says: 'from 5% to 50%',
  },
  {
    risk: 'two kinds of roll-out',
    replace: [18, '      rollout: { canary: 10%, linear: 10% }'],
    at: '18:7 models.delay.endpoint.rollout',
    says: 'at most one of canary, linear, rolling, found canary and linear',
  },
  {
    risk: 'a canary on one instance, which cannot be split',
    replace: [17, '      instances: 1'],
    at: '17:18 models.delay.endpoint.instances',
    says: 'at least 2 instances at first for canary',
  },
  {
    risk: 'a canary on an autoscaled endpoint that may have one instance',
    replace: [17, '      instances: { min: 1, max: 4, invocations: 200 }'],
    at: '17:25 models.delay.endpoint.instances.min',
    says: 'at least 2 instances',
  },
  {
    risk: 'rolling batches on the default of one instance',
    replace: [32, '    endpoint: { name: staged, instance: ml.m5.large, rollout: { rolling: 50% } }'],
    at: '32:65 models.staged.endpoint.rollout.rolling',
    says: 'at least 2 instances at first for rolling',
  },
  {
    risk: 'a bake longer than SageMaker allows',
    replace: [18, '      rollout: { canary: 10%, bake: 61 min }'],
    at: '18:37 models.delay.endpoint.rollout.bake',
    says: 'at most 1 h',
  },
  {
    risk: 'a bake of a fraction of a second',
    replace: [18, '      rollout: { bake: 1500 ms }'],
    at: '18:24 models.delay.endpoint.rollout.bake',
    says: 'whole seconds',
  },
  {
    risk: 'a linear roll-out that exceeds SageMaker’s timeout',
    replace: [18, '      rollout: { linear: 10%, bake: 48 min }'],
    at: '18:37 models.delay.endpoint.rollout.bake',
    says: 'less than 8 h for all of the 10 steps',
  },
  {
    risk: 'a rolling roll-out that exceeds SageMaker’s timeout',
    replace: [18, '      rollout: { rolling: 6%, bake: 30 min }'],
    at: '18:37 models.delay.endpoint.rollout.bake',
    says: 'less than 8 h for all of the 17 steps',
  },
  {
    risk: 'a percentage without its sign, which YAML reads as a number',
    replace: [19, '      alarms: { errors: 5 }'],
    at: '19:25 models.delay.endpoint.alarms.errors',
    says: 'expected more than 0% and at most 100%, as in 10%, found the number 5',
  },
  {
    risk: 'a latency without a unit',
    replace: [19, '      alarms: { latency: 500 }'],
    at: '19:26 models.delay.endpoint.alarms.latency',
    says: 'expected a whole number and a unit (ms, s, min, h, days), as in 10 min, found the number 500',
  },
  {
    risk: 'an alarm that always fires',
    replace: [19, '      alarms: { latency: 0 ms }'],
    at: '19:26 models.delay.endpoint.alarms.latency',
    says: 'more than nothing',
  },
  {
    risk: 'an alarm on 0% of errors',
    replace: [19, '      alarms: { errors: 0% }'],
    at: '19:25 models.delay.endpoint.alarms.errors',
    says: 'bad percentage',
  },
  {
    risk: 'captured data inside the location of a table',
    replace: [20, "      capture: { to: 's3://${buckets.lake}/silver/flights/x' }"],
    at: '20:22 models.delay.endpoint.capture.to',
    says: 'overlaps with tables.flights',
  },
  {
    risk: 'captured data in an undeclared bucket, on which no function has rights',
    replace: [20, '      capture: { to: s3://flight-lake/x }'],
    at: '20:22 models.delay.endpoint.capture.to',
    says: 'not declared under buckets',
    suggestion: 'flights-lake',
  },
  {
    risk: 'a sample of a fractional percentage, which SageMaker does not support',
    replace: [20, "      capture: { to: 's3://${buckets.lake}/captured', sample: 0.5% }"],
    at: '20:63 models.delay.endpoint.capture.sample',
    says: 'from 1% to 100%',
  },
  {
    risk: 'a content type with a parameter, which SageMaker refuses',
    replace: [20, "      capture: { to: 's3://${buckets.lake}/captured', json: ['application/json; charset=utf-8'] }"],
    at: '20:62 models.delay.endpoint.capture.json[0]',
    says: 'without parameters',
    suggestion: 'application/json',
  },
  {
    risk: 'a content type with a plus, which SageMaker refuses',
    replace: [20, "      capture: { to: 's3://${buckets.lake}/captured', json: [application/ld+json] }"],
    at: '20:62 models.delay.endpoint.capture.json[0]',
    says: 'TYPE/SUBTYPE of letters',
  },
  {
    risk: 'a content type without a subtype',
    replace: [20, "      capture: { to: 's3://${buckets.lake}/captured', csv: [text] }"],
    at: '20:61 models.delay.endpoint.capture.csv[0]',
    says: 'TYPE/SUBTYPE of letters',
  },
  {
    risk: 'a content type of more than 256 characters',
    replace: [
      20,
      "      capture: { to: 's3://${buckets.lake}/captured', csv: [text/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx] }",
    ],
    at: '20:61 models.delay.endpoint.capture.csv[0]',
    says: 'at most 256 characters',
  },
  {
    risk: 'more content types than SageMaker takes',
    replace: [
      20,
      "      capture: { to: 's3://${buckets.lake}/captured', csv: [a/b, a/c, a/d, a/e, a/f, a/g, a/h, a/i, a/j, a/k] }",
    ],
    at: '20:60 models.delay.endpoint.capture.csv',
    says: 'list too long: expected at most 9 items',
  },
  {
    risk: 'an empty list of content types',
    replace: [20, "      capture: { to: 's3://${buckets.lake}/captured', json: [] }"],
    at: '20:61 models.delay.endpoint.capture.json',
    says: 'empty list',
  },
  {
    risk: 'a content type that is kept as JSON and as CSV',
    replace: [20, "      capture: { to: 's3://${buckets.lake}/captured', json: [a/b], csv: [A/b] }"],
    at: '20:74 models.delay.endpoint.capture.csv[0]',
    says: 'not kept as JSON as well',
  },
  {
    risk: 'MLflow’s JSON kept as CSV',
    replace: [20, "      capture: { to: 's3://${buckets.lake}/captured', csv: [application/json] }"],
    at: '20:61 models.delay.endpoint.capture.csv[0]',
    says: 'not kept as JSON as well',
  },
  {
    risk: 'MLflow’s CSV kept as JSON',
    replace: [20, "      capture: { to: 's3://${buckets.lake}/captured', json: [text/csv] }"],
    at: '20:62 models.delay.endpoint.capture.json[0]',
    says: 'not kept as CSV as well',
  },
  {
    risk: 'no kept deployment, so that no rollback is possible',
    replace: [22, '      keep: 0'],
    at: '22:13 models.delay.endpoint.keep',
    says: 'at least 1',
  },
  {
    risk: 'too many kept deployments',
    replace: [22, '      keep: 21'],
    at: '22:13 models.delay.endpoint.keep',
    says: 'at most 20',
  },
]

describeFaults(valid, endpoints)

const lines = valid.split('\n')

test('all faults of an endpoint are reported at once, in the order of the file', () => {
  const first = endpoints.filter(
    ({ replace: [line] }, index) => index === endpoints.findIndex((row) => row.replace[0] === line),
  )
  const text = first.reduce((spoilt, { replace: [line, with_] }) => spoilt.with(line - 1, with_), lines).join('\n')
  const places = problemsOf(text).map(({ line, column }) => line * 1000 + column)
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(new Set(places).size).toBeGreaterThan(8)
})

test.each([
  ['a linear roll-out of just under eight hours', [18, '      rollout: { linear: 10%, bake: 2879 s }']],
  ['a bake of an hour', [18, '      rollout: { canary: 50%, bake: 1 h }']],
  [
    'nine other content types',
    [20, "      capture: { to: 's3://${buckets.lake}/c', json: [a/b, a/c, a/d, a/e, a/f, a/g, a/h, a/i, a-1/x.y-z] }"],
  ],
  [
    'MLflow’s own content types',
    [20, "      capture: { to: 's3://${buckets.lake}/c', json: [application/json], csv: [text/csv] }"],
  ],
  ['a roll-out without a bake', [18, '      rollout: { rolling: 5%, bake: 0 s }']],
] as const)('%s is valid', (_, [line, text]) => {
  expect(problemsOf(lines.with(line - 1, text).join('\n'))).toEqual([])
})

test.each(['ml.g5.xlarge', 'ml.g6e.xlarge', 'ml.p5en.48xlarge', 'ml.m7i.large'])('%s needs no custom image', (type) => {
  expect(problemsOf(valid.replace('staged, instance: ml.m5.large', `staged, instance: ${type}`))).toEqual([])
})

test('ARM with a custom image is valid', () => {
  expect(problemsOf(valid.replace('      instance: ml.m5.large', '      instance: ml.m6g.large'))).toEqual([])
})
