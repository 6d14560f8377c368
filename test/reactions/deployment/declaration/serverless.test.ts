import { describeFaults, type Row } from '../../declaration/faults.ts'
import { validModels as valid } from './model-lake.ts'

const serverless: readonly Row[] = [
  {
    risk: 'serverless without a package: SageMaker does not accept a folder there',
    replace: [27, ''],
    at: '28:35 models.serverless.package',
    says: 'serverless needs the key package',
  },
  {
    risk: 'a memory size that SageMaker does not offer',
    replace: [28, '    endpoint: { name: s, serverless: { memory: 2500 MB, concurrency: 10 } }'],
    at: '28:48 models.serverless.endpoint.serverless.memory',
    says: '1 GB to 6 GB, in whole GB',
  },
  {
    risk: 'a memory size in another notation',
    replace: [28, '    endpoint: { name: s, serverless: { memory: 4GiB, concurrency: 10 } }'],
    at: '28:48 models.serverless.endpoint.serverless.memory',
    says: 'bad memory',
    suggestion: '4 GB',
  },
  {
    risk: 'more concurrency than SageMaker allows',
    replace: [28, '    endpoint: { name: s, serverless: { memory: 2 GB, concurrency: 201 } }'],
    at: '28:67 models.serverless.endpoint.serverless.concurrency',
    says: 'at most 200',
  },
  {
    risk: 'more provisioned concurrency than the maximum',
    replace: [28, '    endpoint: { name: s, serverless: { memory: 2 GB, concurrency: 10, provisioned: 11 } }'],
    at: '28:84 models.serverless.endpoint.serverless.provisioned',
    says: 'at most the concurrency, 10',
  },
  ...[
    ['instances', 'instances: 2'],
    ['rollout', 'rollout: { bake: 1 min }'],
    ['alarms', 'alarms: { errors: 5% }'],
    ['capture', "capture: { to: 's3://${buckets.lake}/captured' }"],
  ].map(([key, text]) => ({
    risk: `${key} of a serverless endpoint, which would have no effect`,
    replace: [28, `    endpoint: { name: s, serverless: { memory: 2 GB, concurrency: 10 }, ${text} }`] as const,
    at: `28:73 models.serverless.endpoint.${key}`,
    says: `no ${key} on a serverless endpoint`,
  })),
]

describeFaults(valid, serverless)
