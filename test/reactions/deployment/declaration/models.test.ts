import { expect, test } from '@jest/globals'
import { describeFaults, problemsOf, type Row } from '../../declaration/faults.ts'
import { validModels as valid } from './model-lake.ts'

const marks: readonly Row[] = [
  {
    risk: 'two ways to promote, where it would be unclear which one counts',
    replace: [9, '    promote: { alias: champion, stage: Production }'],
    at: '9:5 models.delay.promote',
    says: 'exactly one of alias, stage, tag, found alias and stage',
  },
  {
    risk: 'no way to promote, so that nothing is ever deployed',
    replace: [9, '    promote: {}'],
    at: '9:5 models.delay.promote',
    says: 'found none',
  },
  {
    risk: 'an alias that MLflow reserves',
    replace: [9, '    promote: { alias: Latest }'],
    at: '9:23 models.delay.promote.alias',
    says: 'does not reserve',
  },
  {
    risk: 'an alias that looks like a version',
    replace: [9, '    promote: { alias: v12 }'],
    at: '9:23 models.delay.promote.alias',
    says: 'does not reserve',
  },
  {
    risk: 'an alias with characters that MLflow does not allow',
    replace: [9, '    promote: { alias: our champion }'],
    at: '9:23 models.delay.promote.alias',
    says: 'letters, digits, _ and -',
    suggestion: 'our-champion',
  },
  {
    risk: 'a stage for versions that are not served',
    replace: [9, '    promote: { stage: Archived }'],
    at: '9:23 models.delay.promote.stage',
    says: 'one of Staging, Production',
  },
  {
    risk: 'a stage in lower case',
    replace: [9, '    promote: { stage: production }'],
    at: '9:23 models.delay.promote.stage',
    says: 'unknown value',
    suggestion: 'Production',
  },
  {
    risk: 'one of Landfall’s own tags, whose events are ignored',
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
    risk: 'a Unity Catalog model without its catalog',
    replace: [25, '    model: flights.serverless'],
    at: '25:12 models.serverless.model',
    says: 'catalog.schema.model',
  },
  {
    risk: 'a Unity Catalog model without a registered name, for which the key in lake.yml cannot stand in',
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
    risk: 'a model name that is too long for any registry',
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
    risk: 'an image without a tag, which could be any version',
    replace: [10, '    image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine'],
    at: '10:12 models.delay.image',
    says: 'REGISTRY/REPOSITORY:TAG',
  },
  {
    risk: 'an image as a URL',
    replace: [10, '    image: https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:1'],
    at: '10:12 models.delay.image',
    says: 'bad image',
    suggestion: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:1',
  },
  {
    risk: 'a role by name',
    replace: [11, '    role: serving'],
    at: '11:11 models.delay.role',
    says: 'the ARN of an IAM role',
  },
  {
    risk: 'the ARN of a user instead of a role',
    replace: [11, '    role: arn:aws:iam::123456789012:user/me'],
    at: '11:11 models.delay.role',
    says: 'the ARN of an IAM role',
  },
  {
    risk: 'a variable name that CreateModel would reject in the middle of a deployment',
    replace: [12, "    environment: { MY-WORKERS: '2' }"],
    at: '12:20 models.delay.environment.MY-WORKERS',
    says: 'bad name of a variable',
    suggestion: 'MY_WORKERS',
  },
  {
    risk: 'a number as the value of a variable',
    replace: [12, '    environment: { WORKERS: 2 }'],
    at: '12:29 models.delay.environment.WORKERS',
    says: 'found the number 2',
    suggestion: '"2"',
  },
  {
    risk: 'a variable longer than CreateModel allows',
    replace: [12, `    environment: { WORKERS: ${'x'.repeat(1025)} }`],
    at: '12:29 models.delay.environment.WORKERS',
    says: 'at most 1024',
  },
  {
    risk: 'more variables than CreateModel allows',
    replace: [12, `    environment: { ${Array.from({ length: 101 }, (_, i) => `V${i}: x`).join(', ')} }`],
    at: '12:5 models.delay.environment',
    says: 'at most 100, found 101',
  },
  {
    risk: 'variables that are too long together, though each is short enough',
    replace: [
      12,
      `    environment: { ${Array.from({ length: 32 }, (_, i) => `V${i + 10}: ${'x'.repeat(1022)}`).join(', ')} }`,
    ],
    at: '12:5 models.delay.environment',
    says: 'at most 32768 bytes, found 32800',
  },
  {
    risk: 'packages in an undeclared bucket, on which no function has rights',
    replace: [13, '    package: s3://elsewhere/packages'],
    at: '13:14 models.delay.package',
    says: 'not declared under buckets',
  },
  {
    risk: 'packages inside the location of a table',
    replace: [13, '    package: s3://${buckets.lake}/silver/flights/packages'],
    at: '13:14 models.delay.package',
    says: 'overlaps with tables.flights',
  },
  {
    risk: 'packages at the location of a table',
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
    risk: 'a tracking server by name',
    replace: [35, "  managed: { mlflow: 'https://t.example.com', server: team, artifacts: s3://mlflow }"],
    at: '35:55 registries.managed.server',
    says: 'the ARN of a tracking server',
  },
  {
    risk: 'a registry without a kind',
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
    risk: 'an unknown kind of Databricks registry',
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
    risk: 'no location of artifacts, without which no role could read them',
    replace: [34, "  main: { mlflow: 'https://mlflow.example.com', secret: landfall/mlflow }"],
    at: '34:3 registries.main.artifacts',
    says: "missing key 'artifacts'",
  },
  {
    risk: 'a location of artifacts as MLflow writes it, which is not in S3',
    replace: [34, "  main: { mlflow: 'https://m.example.com', secret: s, artifacts: 'mlflow-artifacts:/' }"],
    at: '34:66 registries.main.artifacts',
    says: 's3://BUCKET/PREFIX',
  },
]

describeFaults(valid, [...marks, ...containers, ...registries])

const lines = valid.split('\n')

test('each registry of an undeclared workspace is a problem', () => {
  const places = problemsOf(lines.slice(0, -2).join('\n')).map(({ line, path }) => `${line} ${path}`)
  expect(places).toEqual(['36 registries.workspace.databricks', '37 registries.unity.databricks'])
})

test.each([
  ['an alias that only begins like a version', [9, '    promote: { alias: v1-final }']],
  ['a tag', [9, '    promote: { tag: { key: deploy, value: production } }']],
  ['a name with blanks and slashes', [8, '    model: Flight delay / 2026']],
  ['an image by its digest', [10, `    image: registry.example.com/a/b@sha256:${'0f'.repeat(32)}`]],
  ['a role of another partition, with a path', [11, '    role: arn:aws-us-gov:iam::123456789012:role/a/b.c']],
  ['an empty variable', [12, "    environment: { _A1: '' }"]],
  [
    'packages next to a table whose location is a prefix of theirs',
    [13, '    package: s3://flights-lake/silver/flights-packages'],
  ],
] as const)('%s is valid', (_, [line, text]) => {
  expect(problemsOf(lines.with(line - 1, text).join('\n'))).toEqual([])
})
