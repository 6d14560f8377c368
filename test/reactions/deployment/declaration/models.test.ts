import { expect, test } from '@jest/globals'
import { describeFaults, problemsOf, type Row } from '../../declaration/faults.ts'
import { soundModels as sound } from './model-lake.ts'

const marks: readonly Row[] = [
  {
    risk: 'two marks of promotion, of which one would be followed by chance',
    replace: [9, '    promote: { alias: champion, stage: Production }'],
    at: '9:5 models.delay.promote',
    says: 'exactly one of alias, stage, tag, found alias and stage',
  },
  {
    risk: 'no mark of promotion, so that nothing is ever deployed',
    replace: [9, '    promote: {}'],
    at: '9:5 models.delay.promote',
    says: 'found none',
  },
  {
    risk: 'an alias that MLflow keeps for itself',
    replace: [9, '    promote: { alias: Latest }'],
    at: '9:23 models.delay.promote.alias',
    says: 'does not reserve',
  },
  {
    risk: 'an alias that means a version',
    replace: [9, '    promote: { alias: v12 }'],
    at: '9:23 models.delay.promote.alias',
    says: 'does not reserve',
  },
  {
    risk: 'an alias that MLflow cannot set',
    replace: [9, '    promote: { alias: our champion }'],
    at: '9:23 models.delay.promote.alias',
    says: 'letters, digits, _ and -',
    suggestion: 'our-champion',
  },
  {
    risk: 'a stage that nothing is served from',
    replace: [9, '    promote: { stage: Archived }'],
    at: '9:23 models.delay.promote.stage',
    says: 'one of Staging, Production',
  },
  {
    risk: 'a stage in small letters',
    replace: [9, '    promote: { stage: production }'],
    at: '9:23 models.delay.promote.stage',
    says: 'unknown value',
    suggestion: 'Production',
  },
  {
    risk: 'a tag of our own, which wakes nothing',
    replace: [9, '    promote: { tag: { key: landfall.delay.status, value: deployed } }'],
    at: '9:28 models.delay.promote.tag.key',
    says: 'does not begin with landfall.',
  },
  {
    risk: 'a tag without its value',
    replace: [9, '    promote: { tag: { key: deploy } }'],
    at: '9:16 models.delay.promote.tag.value',
    says: "missing key 'value'",
  },
  {
    risk: 'an alias in a registry that has none',
    replace: [31, '    promote: { alias: champion }'],
    at: '31:16 models.staged.promote.alias',
    says: "the workspace's registry has no aliases",
  },
  {
    risk: 'a stage in a registry that has none',
    replace: [26, '    promote: { stage: Production }'],
    at: '26:16 models.serverless.promote.stage',
    says: 'Unity Catalog has no stages',
  },
  {
    risk: 'a model of Unity Catalog by half its name',
    replace: [25, '    model: flights.serverless'],
    at: '25:12 models.serverless.model',
    says: 'catalog.schema.model',
  },
  {
    risk: 'a model of Unity Catalog by its name in lake.yml, which cannot be it',
    replace: [25, ''],
    at: '24:15 models.serverless.model',
    says: 'expected the key model',
  },
  {
    risk: 'a model name of blanks',
    replace: [8, "    model: '  '"],
    at: '8:12 models.delay.model',
    says: '1 to 255 characters',
  },
  {
    risk: 'a model name that no registry holds',
    replace: [8, `    model: ${'m'.repeat(256)}`],
    at: '8:12 models.delay.model',
    says: '1 to 255 characters',
  },
  {
    risk: 'an undeclared registry',
    replace: [7, '    registry: mian'],
    at: '7:15 models.delay.registry',
    says: 'not declared under registries',
    suggestion: 'main',
  },
]

const containers: readonly Row[] = [
  {
    risk: 'an image without a tag, which could be any',
    replace: [10, '    image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine'],
    at: '10:12 models.delay.image',
    says: 'REGISTRY/REPOSITORY:TAG',
  },
  {
    risk: 'an image as an address of the web',
    replace: [10, '    image: https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:1'],
    at: '10:12 models.delay.image',
    says: 'bad image',
    suggestion: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:1',
  },
  {
    risk: 'a role by its name',
    replace: [11, '    role: serving'],
    at: '11:11 models.delay.role',
    says: 'the ARN of an IAM role',
  },
  {
    risk: 'the ARN of a user for a role',
    replace: [11, '    role: arn:aws:iam::123456789012:user/me'],
    at: '11:11 models.delay.role',
    says: 'the ARN of an IAM role',
  },
  {
    risk: 'a variable that CreateModel would refuse in the middle of a deployment',
    replace: [12, "    environment: { MY-WORKERS: '2' }"],
    at: '12:20 models.delay.environment.MY-WORKERS',
    says: 'bad name of a variable',
    suggestion: 'MY_WORKERS',
  },
  {
    risk: 'a number for a variable, spelt as YAML likes',
    replace: [12, '    environment: { WORKERS: 2 }'],
    at: '12:29 models.delay.environment.WORKERS',
    says: 'found the number 2',
    suggestion: '"2"',
  },
  {
    risk: 'a variable longer than CreateModel takes',
    replace: [12, `    environment: { WORKERS: ${'x'.repeat(1025)} }`],
    at: '12:29 models.delay.environment.WORKERS',
    says: 'at most 1024',
  },
  {
    risk: 'more variables than CreateModel takes',
    replace: [12, `    environment: { ${Array.from({ length: 101 }, (_, i) => `V${i}: x`).join(', ')} }`],
    at: '12:5 models.delay.environment',
    says: 'at most 100, found 101',
  },
  {
    risk: 'more text in variables than a container takes, each of them short enough',
    replace: [
      12,
      `    environment: { ${Array.from({ length: 32 }, (_, i) => `V${i + 10}: ${'x'.repeat(1022)}`).join(', ')} }`,
    ],
    at: '12:5 models.delay.environment',
    says: 'at most 32768 bytes, found 32800',
  },
  {
    risk: 'a package in a bucket that no function has rights to',
    replace: [13, '    package: s3://elsewhere/packages'],
    at: '13:14 models.delay.package',
    says: 'not declared under buckets',
  },
  {
    risk: 'packages that would be files of a table',
    replace: [13, '    package: s3://${buckets.lake}/silver/flights/packages'],
    at: '13:14 models.delay.package',
    says: 'overlaps with tables.flights',
  },
  {
    risk: 'packages exactly where a table is',
    replace: [13, '    package: s3://${buckets.lake}/silver/flights/'],
    at: '13:14 models.delay.package',
    says: 'overlaps with tables.flights',
  },
  {
    risk: 'packages around a table',
    replace: [13, '    package: s3://${buckets.lake}'],
    at: '13:14 models.delay.package',
    says: 'overlaps with tables.flights',
  },
]

const registries: readonly Row[] = [
  {
    risk: 'a registry without credentials',
    replace: [34, "  main: { mlflow: 'https://mlflow.example.com', artifacts: s3://mlflow }"],
    at: '34:3 registries.main',
    says: 'exactly one of secret, server, found none',
  },
  {
    risk: 'a registry with two kinds of credentials',
    replace: [
      34,
      "  main: { mlflow: 'https://m.example.com', secret: s, server: 'arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/team', artifacts: s3://mlflow }",
    ],
    at: '34:3 registries.main',
    says: 'found secret and server',
  },
  {
    risk: 'a tracking server by its name',
    replace: [35, "  managed: { mlflow: 'https://t.example.com', server: team, artifacts: s3://mlflow }"],
    at: '35:55 registries.managed.server',
    says: 'the ARN of a tracking server',
  },
  {
    risk: 'a registry of no kind',
    replace: [35, '  managed: { artifacts: s3://mlflow }'],
    at: '35:3 registries.managed',
    says: 'exactly one of mlflow, databricks, found none',
  },
  {
    risk: 'a registry of two kinds',
    replace: [
      35,
      "  managed: { mlflow: 'https://m.example.com', secret: s, databricks: workspace, artifacts: s3://mlflow }",
    ],
    at: '35:3 registries.managed',
    says: 'found mlflow and databricks',
  },
  {
    risk: 'a password over plain HTTP',
    replace: [34, "  main: { mlflow: 'http://mlflow.example.com', secret: s, artifacts: s3://mlflow }"],
    at: '34:19 registries.main.mlflow',
    says: 'https://',
    suggestion: 'https://mlflow.example.com',
  },
  {
    risk: 'a registry of Databricks that there is none of',
    replace: [37, '  unity: { databricks: unity, artifacts: s3://databricks/unity }'],
    at: '37:24 registries.unity.databricks',
    says: 'one of workspace, unity-catalog',
  },
  {
    risk: 'a secret for Databricks that would not be used',
    replace: [36, '  workspace: { databricks: workspace, secret: other, artifacts: s3://databricks/models }'],
    at: '36:39 registries.workspace.secret',
    says: 'no secret with databricks',
  },
  {
    risk: 'artifacts nowhere, so that no role could read them',
    replace: [34, "  main: { mlflow: 'https://mlflow.example.com', secret: landfall/mlflow }"],
    at: '34:3 registries.main.artifacts',
    says: "missing key 'artifacts'",
  },
  {
    risk: 'artifacts as MLflow writes them, which is no place in S3',
    replace: [34, "  main: { mlflow: 'https://m.example.com', secret: s, artifacts: 'mlflow-artifacts:/' }"],
    at: '34:66 registries.main.artifacts',
    says: 's3://BUCKET/PREFIX',
  },
]

describeFaults(sound, [...marks, ...containers, ...registries])

const lines = sound.split('\n')

test('registries of a workspace that is not declared are each a problem', () => {
  const places = problemsOf(lines.slice(0, -2).join('\n')).map(({ line, path }) => `${line} ${path}`)
  expect(places).toEqual(['36 registries.workspace.databricks', '37 registries.unity.databricks'])
})

test.each([
  ['an alias named like no version', [9, '    promote: { alias: v1-final }']],
  ['a tag', [9, '    promote: { tag: { key: deploy, value: production } }']],
  ['a name with blanks and slashes', [8, '    model: Flight delay / 2026']],
  ['an image by its digest', [10, `    image: registry.example.com/a/b@sha256:${'0f'.repeat(32)}`]],
  ['a role of another partition, with a path', [11, '    role: arn:aws-us-gov:iam::123456789012:role/a/b.c']],
  ['an empty variable', [12, "    environment: { _A1: '' }"]],
  [
    'packages beside a table of a name that begins alike',
    [13, '    package: s3://flights-lake/silver/flights-packages'],
  ],
] as const)('%s is sound', (_, [line, text]) => {
  expect(problemsOf(lines.with(line - 1, text).join('\n'))).toEqual([])
})
