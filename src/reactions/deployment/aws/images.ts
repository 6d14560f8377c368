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
  /** ECR's name of it: one image for each version of MLflow, tagged with it. */
  readonly repository: string
  /** CodeBuild's name of what builds them. */
  readonly project: string
}

/** MLflow's containers in ECR, built by CodeBuild where they are missing. */
export function ecrImages(ecr: ECRClient, codebuild: CodeBuildClient, places: ImagePlaces): Images {
  const { repository, project } = places
  let address: Promise<string> | undefined
  return {
    async find(mlflowVersion) {
      // It becomes a tag, and a word of the build's shell.
      if (!isMlflowVersion(mlflowVersion)) throw noImage(places, mlflowVersion, 'no version of MLflow')
      if (await hasImage(ecr, places, mlflowVersion)) {
        address ??= addressOf(ecr, repository)
        // What failed once is asked again.
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

/** Its host differs by account, region and partition; ECR alone says it for all of them. */
async function addressOf(ecr: ECRClient, repository: string): Promise<string> {
  const { repositories = [] } = await ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [repository] }))
  const uri = repositories[0]?.repositoryUri
  if (uri === undefined) throw new Error(`ECR did not say the address of the repository ${repository}`)
  return uri
}

/**
 * The project's newest builds: one page, which is 100 of them (API reference, ListBuildsForProject and BatchGetBuilds). A
 * version whose last build is further back than that has failed long ago, and is built again.
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
  // SUBMITTED to COMPLETED, in order: the first that failed is the cause of what failed after it.
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
 * Who asks at the same time sees the same builds, hence sends the same token, and CodeBuild starts one (API reference,
 * StartBuild: a token counts for 5 minutes).
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
    advice: 'deploy the lake again, or name a container by `image` of the model in lake.yml',
  }
  return new Refused('no-image', `nothing can build the container for MLflow ${version}`, detail, { cause })
}
