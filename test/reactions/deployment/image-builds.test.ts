import { expect, test } from '@jest/globals'
import { imageAccess, imageBuildEnd, imagePull, imageResources } from '../../../infra/sagemaker/images.ts'
import { type ImageBuild, nextBuild } from '../../../src/reactions/deployment/image-builds.ts'
import { lakeWithModel } from './images-given.ts'

const build = (id: string, status: string, mlflowVersion?: string): ImageBuild => ({
  id,
  status,
  ...(mlflowVersion !== undefined && { mlflowVersion }),
})

test('a build in progress is waited for, even behind builds of other versions', () => {
  const builds = [build('3', 'FAILED'), build('2', 'FAILED', '3.0.0'), build('1', 'IN_PROGRESS', '3.1.0')]
  expect(nextBuild('3.1.0', builds, 'p')).toEqual({ kind: 'wait', build: '1' })
})

test('only the last build of a version counts', () => {
  const again = [build('2', 'IN_PROGRESS', '3.1.0'), build('1', 'FAILED', '3.1.0')]
  expect(nextBuild('3.1.0', again, 'p')).toEqual({ kind: 'wait', build: '2' })
})

test('a successful build whose image is missing is followed by another with its own token', () => {
  expect(nextBuild('3.1.0', [], 'p')).toEqual({ kind: 'start', after: 'none' })
  expect(nextBuild('3.1.0', [build('1', 'SUCCEEDED', '3.1.0')], 'p')).toEqual({ kind: 'start', after: '1' })
})

test.each(['FAILED', 'FAULT', 'STOPPED', 'TIMED_OUT'])(
  'a build that ended %s is refused with where to look',
  (status) => {
    const failed = { ...build('p:1', status, '3.1.0'), failure: 'BUILD exit status 1', log: 'https://logs.test' }
    expect(() => nextBuild('3.1.0', [failed], 'p')).toThrow(
      expect.objectContaining({
        code: 'image-build-failed',
        detail: {
          subject: 'p:1',
          expected: 'SUCCEEDED',
          found: `${status}: BUILD exit status 1`,
          advice: expect.stringMatching(/read https:\/\/logs\.test, .*--project-name p /),
        },
      }),
    )
  },
)

test('a lake whose models all name their image has no repository, no build and no right to any', () => {
  const lake = lakeWithModel({ image: '1.dkr.ecr.eu-west-1.amazonaws.com/mine:1' })
  expect(imageResources(lake)).toEqual({})
  expect(imageAccess(lake)).toEqual([])
  expect(imagePull(lake)).toEqual([])
})

test('an image cannot be overwritten, nor deleted with the stack, except locally', () => {
  expect(imageResources(lakeWithModel())['ImageRepository']).toMatchObject({
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
    Properties: { ImageTagMutability: 'IMMUTABLE', EmptyOnDelete: false },
  })
  expect(imageResources(lakeWithModel({}, 'local'))['ImageRepository']).toMatchObject({ DeletionPolicy: 'Delete' })
})

test('the project has the buildspec, and its role may push only to this repository', () => {
  const resources = imageResources(lakeWithModel())
  expect(resources['ImageBuilds']).toMatchObject({
    Properties: {
      Name: 'landfall-models-prod-mlflow',
      Source: { Type: 'NO_SOURCE', BuildSpec: expect.stringContaining('mlflow sagemaker build-and-push-container') },
    },
  })
  const { Policies } = resources['ImageBuildsRole']!.Properties as {
    Policies: { PolicyDocument: { Statement: { Action: string[]; Resource: unknown }[] } }[]
  }
  const everywhere = Policies[0]?.PolicyDocument.Statement.filter(({ Resource }) => Resource === '*')
  expect(everywhere?.flatMap(({ Action }) => Action)).toEqual(['ecr:GetAuthorizationToken'])
})

test('every end of a build of this lake wakes a deployment, and no start does', () => {
  expect(imageBuildEnd(lakeWithModel())).toMatchObject({
    detail: {
      'project-name': ['landfall-models-prod-mlflow'],
      'build-status': expect.not.arrayContaining(['IN_PROGRESS']),
    },
  })
})
