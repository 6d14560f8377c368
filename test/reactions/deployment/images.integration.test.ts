import { afterAll, beforeAll } from '@jest/globals'
import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation'
import {
  BatchGetBuildsCommand,
  ListBuildsForProjectCommand,
  StartBuildCommand,
  StopBuildCommand,
} from '@aws-sdk/client-codebuild'
import { BatchDeleteImageCommand } from '@aws-sdk/client-ecr'
import { expect, test } from '@jest/globals'
import { imageResources } from '../../../infra/sagemaker/images.ts'
import { codebuild, ecr } from '../../../src/aws/clients.ts'
import { ecrImages } from '../../../src/reactions/deployment/aws/images.ts'
import { names } from '../../../src/lake/resource-names.ts'
import { testImages } from './images.suite.ts'
import { lakeWithModel } from './images-given.ts'

const lake = lakeWithModel({}, 'images')
const places = { repository: names(lake).imageRepository, project: names(lake).imageBuilds }
const [registry, builder, stacks] = [ecr(), codebuild(), new CloudFormationClient()]
const images = ecrImages(registry, builder, places)

beforeAll(async () => {
  const StackName = `${names(lake).stack}-suite`
  const TemplateBody = JSON.stringify({ Resources: imageResources(lake) })
  await stacks.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] }))
  await waitUntilStackCreateComplete({ client: stacks, maxWaitTime: 30, minDelay: 1 }, { StackName })
}, 40_000)
afterAll(() => [registry, builder, stacks].forEach((client) => client.destroy()))

async function ended(id: string): Promise<string> {
  for (;;) {
    const { builds: [build] = [] } = await builder.send(new BatchGetBuildsCommand({ ids: [id] }))
    if (build?.buildStatus !== 'IN_PROGRESS') return build?.buildStatus ?? 'gone'
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

testImages('ECR and CodeBuild', async () => ({
  images,
  other: ecrImages(registry, builder, places),
  async end(_version, build, status) {
    if (status === 'STOPPED') await builder.send(new StopBuildCommand({ id: build }))
    expect(await ended(build)).toBe(status)
  },
  async remove(imageTag) {
    await registry.send(new BatchDeleteImageCommand({ repositoryName: places.repository, imageIds: [{ imageTag }] }))
  },
  async start(value) {
    const { build } = await builder.send(
      new StartBuildCommand({
        projectName: places.project,
        environmentVariablesOverride: [{ name: 'MLFLOW_VERSION', value }],
      }),
    )
    return build?.id ?? ''
  },
  async builds() {
    const { ids = [] } = await builder.send(new ListBuildsForProjectCommand({ projectName: places.project }))
    return ids.length
  },
}))

test('what is not a version never becomes a shell argument', async () => {
  await expect(images.find('3.0.0;id')).rejects.toMatchObject({ code: 'no-image' })
})

test('a missing repository or project is refused', async () => {
  const nowhere = ecrImages(registry, builder, { ...places, repository: 'nowhere' })
  await expect(nowhere.find('3.0.0')).rejects.toMatchObject({
    code: 'no-image',
    detail: { found: 'no ECR repository nowhere' },
  })
  const nobody = ecrImages(registry, builder, { ...places, project: 'nobody' })
  await expect(nobody.find('3.0.0')).rejects.toMatchObject({
    code: 'no-image',
    detail: { found: 'no CodeBuild project nobody' },
  })
})

test('a build that fails says in what phase and why', async () => {
  const start = {
    projectName: places.project,
    environmentVariablesOverride: [{ name: 'MLFLOW_VERSION', value: '3.6.0' }],
  }
  const broken = [...start.environmentVariablesOverride, { name: 'REPOSITORY', value: 'host/elsewhere' }]
  const { build } = await builder.send(new StartBuildCommand({ ...start, environmentVariablesOverride: broken }))
  expect(await ended(build?.id ?? '')).toBe('FAILED')
  await expect(images.find('3.6.0')).rejects.toMatchObject({
    code: 'image-build-failed',
    detail: { found: expect.stringMatching(/^FAILED: BUILD COMMAND_EXECUTION_ERROR: .*elsewhere/) },
  })
})
