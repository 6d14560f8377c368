import { sha256 } from '../../../node/sha256.ts'
import {
  BatchGetBuildsCommand,
  type Build,
  type CodeBuildClient,
  ListBuildsForProjectCommand,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild'
import { DescribeImagesCommand, DescribeRepositoriesCommand, type ECRClient } from '@aws-sdk/client-ecr'
import { Refused } from '../../../core/refused.ts'
import { type ImageBuild, nextBuild, VERSION_VARIABLE } from '../image-builds.ts'
import type { Images } from '../ports.ts'
import { isMlflowVersion } from '../artifacts/mlmodel.ts'

export interface ImagePlaces {
  /** The ECR repository, with one image per MLflow version, tagged with it. */
  readonly repository: string
  /** The CodeBuild project that builds them. */
  readonly project: string
}

/** MLflow's containers in ECR. CodeBuild builds missing ones. */
export function ecrImages(ecr: ECRClient, codebuild: CodeBuildClient, places: ImagePlaces): Images {
  const { repository, project } = places
  let address: Promise<string> | undefined
  return {
    async find(mlflowVersion) {
      // It becomes an image tag and a shell argument of the build.
      if (!isMlflowVersion(mlflowVersion)) throw noImage(places, mlflowVersion, 'no version of MLflow')
      if (await hasImage(ecr, places, mlflowVersion)) {
        address ??= addressOf(ecr, repository)
        // A failed call is not cached.
        address.catch(() => (address = undefined))
        return { kind: 'ready', uri: `${await address}:${mlflowVersion}` }
      }
      const action = nextBuild(mlflowVersion, await builds(codebuild, places, mlflowVersion), project)
      if (action.kind === 'wait') return { kind: 'building', build: action.build }
      return { kind: 'building', build: await start(codebuild, project, mlflowVersion, action.after) }
    },
  }
}

async function hasImage(ecr: ECRClient, places: ImagePlaces, imageTag: string): Promise<boolean> {
  try {
    const { imageDetails = [] } = await ecr.send(
      new DescribeImagesCommand({ repositoryName: places.repository, imageIds: [{ imageTag }] }),
    )
    return imageDetails.length > 0
  } catch (error) {
    if (isNamed(error, 'ImageNotFoundException')) return false
    if (isNamed(error, 'RepositoryNotFoundException'))
      throw noImage(places, imageTag, `no ECR repository ${places.repository}`, error)
    throw error
  }
}

/** Its host differs by account, region and partition, so ECR is asked. */
async function addressOf(ecr: ECRClient, repository: string): Promise<string> {
  const { repositories = [] } = await ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [repository] }))
  const uri = repositories[0]?.repositoryUri
  if (uri === undefined) throw new Error(`ECR did not say the address of the repository ${repository}`)
  return uri
}

/**
 * The project's newest builds: one page, which is 100 of them (API reference, ListBuildsForProject and BatchGetBuilds). A
 * version whose last build is older than that failed long ago, and is built again.
 */
async function builds(client: CodeBuildClient, places: ImagePlaces, version: string): Promise<ImageBuild[]> {
  try {
    const { ids = [] } = await client.send(
      new ListBuildsForProjectCommand({ projectName: places.project, sortOrder: 'DESCENDING' }),
    )
    if (ids.length === 0) return []
    const found = await client.send(new BatchGetBuildsCommand({ ids }))
    const byId = new Map((found.builds ?? []).map((build) => [build.id, build]))
    return ids.flatMap((id) => byId.get(id) ?? []).map(imageBuild)
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException'))
      throw noImage(places, version, `no CodeBuild project ${places.project}`, error)
    throw error
  }
}

function imageBuild(build: Build): ImageBuild {
  const variables = build.environment?.environmentVariables ?? []
  const mlflowVersion = variables.find(({ name }) => name === VERSION_VARIABLE)?.value
  // In order, SUBMITTED to COMPLETED: the first phase that failed caused the later failures.
  const phase = build.phases?.find(({ phaseStatus }) => phaseStatus !== undefined && phaseStatus !== 'SUCCEEDED')
  const said = phase?.contexts?.map(({ statusCode, message }) => [statusCode, message].filter(Boolean).join(': '))
  const failure = [phase?.phaseType, ...(said ?? [])].filter(Boolean).join(' ')
  return {
    id: build.id ?? '',
    status: build.buildStatus ?? '',
    ...(mlflowVersion !== undefined && { mlflowVersion }),
    ...(failure !== '' && { failure }),
    ...(build.logs?.deepLink !== undefined && { log: build.logs.deepLink }),
  }
}

/**
 * Concurrent callers see the same builds and so send the same token, and CodeBuild starts one build (API reference, StartBuild:
 * a token is valid for 5 minutes).
 */
async function start(client: CodeBuildClient, project: string, version: string, after: string): Promise<string> {
  const { build } = await client.send(
    new StartBuildCommand({
      projectName: project,
      environmentVariablesOverride: [{ name: VERSION_VARIABLE, value: version, type: 'PLAINTEXT' }],
      idempotencyToken: sha256(`${project} ${version} ${after}`),
    }),
  )
  if (build?.id === undefined) throw new Error(`CodeBuild did not say which build of ${project} it started`)
  return build.id
}

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name

function noImage({ repository, project }: ImagePlaces, version: string, found: string, cause?: unknown): Refused {
  const detail = {
    subject: version,
    expected: `the ECR repository ${repository}, filled by the CodeBuild project ${project}`,
    found,
    advice: 'Deploy the lake again, or set `image` of the model in lake.yml.',
  }
  return new Refused('no-image', `nothing can build the container for MLflow ${version}`, detail, { cause })
}
