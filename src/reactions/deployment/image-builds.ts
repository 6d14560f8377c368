import { Refused } from '../../core/refused.ts'

/** The build's environment variable for the MLflow version. */
export const VERSION_VARIABLE = 'MLFLOW_VERSION'

/** A build of the CodeBuild project that builds MLflow's containers. */
export interface ImageBuild {
  readonly id: string
  /** Absent if somebody started a build without the variable. */
  readonly mlflowVersion?: string
  /** CodeBuild's `buildStatus`. */
  readonly status: string
  /** The message of the phase that failed. */
  readonly failure?: string
  /** The log's address. */
  readonly log?: string
}

export type BuildAction =
  | { readonly kind: 'wait'; readonly build: string }
  /** `after`: the build before it, from which the idempotency token is made. */
  | { readonly kind: 'start'; readonly after: string }

/**
 * What to do about a container that is not in ECR.
 *
 * If the last build succeeded, somebody deleted the image, and it is built again. A failed build is not repeated
 * automatically: it would cost as much and fail in the same way.
 *
 * @param builds newest first

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
      advice: `${last.log === undefined ? '' : `read ${last.log}, fix the cause and `}start it again: aws codebuild start-build --project-name ${project} --environment-variables-override name=${VERSION_VARIABLE},value=${mlflowVersion}; or set \`image\` of the model in lake.yml`,
    },
  )
}
