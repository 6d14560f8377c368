import { Refused } from '../../core/refused.ts'

/** The environment variable that tells a build which MLflow it is about. */
export const VERSION_VARIABLE = 'MLFLOW_VERSION'

/** One run of the CodeBuild project that makes MLflow's containers. */
export interface ImageBuild {
  readonly id: string
  /** That it builds the container of; absent where somebody started one without. */
  readonly mlflowVersion?: string
  /** CodeBuild's `buildStatus`. */
  readonly status: string
  /** What the phase that failed said of it. */
  readonly failure?: string
  /** Where its log is. */
  readonly log?: string
}

export type BuildAction =
  | { readonly kind: 'wait'; readonly build: string }
  /** `after`: the build that came before, which makes the token of this one. */
  | { readonly kind: 'start'; readonly after: string }

/**
 * What is to be done about a container that is not in ECR, by the builds so far, newest first.
 *
 * A build that succeeded although the container is not there counts for nothing: somebody deleted the image. One that failed
 * is not tried again by itself, as the next would cost as much and fail alike.
 *
 * @throws {Refused} `image-build-failed`
 */
export function nextBuild(mlflowVersion: string, builds: readonly ImageBuild[], project: string): BuildAction {
  const last = builds.find((build) => build.mlflowVersion === mlflowVersion)
  if (last === undefined) return { kind: 'start', after: 'none' }
  if (last.status === 'IN_PROGRESS') return { kind: 'wait', build: last.id }
  if (last.status === 'SUCCEEDED') return { kind: 'start', after: last.id }
  throw new Refused(
    'image-build-failed',
    `the build of the container for MLflow ${mlflowVersion} ended ${last.status}`,
    {
      subject: last.id,
      expected: 'SUCCEEDED',
      found: [last.status, last.failure].filter(Boolean).join(': '),
      advice: `${last.log === undefined ? '' : `read ${last.log}, mend the cause and `}start it again: aws codebuild start-build --project-name ${project} --environment-variables-override name=${VERSION_VARIABLE},value=${mlflowVersion}; or name a container by \`image\` of the model in lake.yml`,
    },
  )
}
