import { type ImageBuild, nextBuild } from '../../../src/reactions/deployment/image-builds.ts'
import type { Images } from '../../../src/reactions/deployment/ports.ts'

const PROJECT = 'landfall-test-prod-mlflow'

/** ECR and CodeBuild in memory, for MLflow's containers only. */
export interface ImagesTwin extends Images {
  /** Every build that was started, newest first. */
  readonly builds: readonly ImageBuild[]
  /** Puts the container into the repository. */
  push(mlflowVersion: string): void
  /** Deletes the container from the repository. */
  remove(mlflowVersion: string): void
  /** Ends the build in progress; if it succeeds, it has pushed its container. */
  end(mlflowVersion: string, status: 'SUCCEEDED' | 'FAILED'): void
  /** An operator starts a build by hand. */
  start(mlflowVersion: string): string
}

export function imagesTwin(): ImagesTwin {
  const builds: ImageBuild[] = []
  const pushed = new Set<string>()
  const start = (mlflowVersion: string): string => {
    const id = `${PROJECT}:${builds.length + 1}`
    builds.unshift({ id, mlflowVersion, status: 'IN_PROGRESS' })
    return id
  }

  return {
    builds,
    push: (mlflowVersion) => void pushed.add(mlflowVersion),
    remove: (mlflowVersion) => void pushed.delete(mlflowVersion),
    start,
    end(mlflowVersion, status) {
      const at = builds.findIndex((build) => build.mlflowVersion === mlflowVersion && build.status === 'IN_PROGRESS')
      const build = builds[at]
      if (build === undefined) throw new Error(`no build of ${mlflowVersion} is in progress`)
      builds[at] = {
        ...build,
        status,
        ...(status === 'FAILED' && { failure: 'BUILD: COMMAND_EXECUTION_ERROR', log: 'https://logs.test/1' }),
      }
      if (status === 'SUCCEEDED') pushed.add(mlflowVersion)
    },
    async find(mlflowVersion) {
      if (pushed.has(mlflowVersion)) return { kind: 'ready', uri: imageUri(mlflowVersion) }
      const action = nextBuild(mlflowVersion, builds, PROJECT)
      return { kind: 'building', build: action.kind === 'wait' ? action.build : start(mlflowVersion) }
    },
  }
}

const imageUri = (mlflowVersion: string): string =>
  `123456789012.dkr.ecr.eu-west-1.amazonaws.com/${PROJECT}:${mlflowVersion}`
