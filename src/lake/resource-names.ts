import type { Lake } from './lake.ts'
import type { Model } from '../reactions/deployment/settings.ts'

/**
 * The names of a deployed lake's resources, so that the deploy, the CLI and the tests find them without asking
 * CloudFormation. All are within AWS's limits as long as lake and stage together have fewer than 40 characters.
 */
export interface Names {
  /** The CloudFormation stack, and the prefix of all other names. */
  readonly stack: string
  /** DynamoDB table. */
  readonly ledger: string
  /** EventBridge bus. */
  readonly bus: string
  /** SQS queue of a function or reaction; its dead-letter queue has the suffix `-dlq`. */
  queue(name: string): string
  /** Lambda function. */
  fn(name: string): string
  /** ECR repository of MLflow's containers; `imageBuilds` is the CodeBuild project that builds them. */
  readonly imageRepository: string
  readonly imageBuilds: string
}

export function names(lake: Pick<Lake, 'name' | 'stage'>): Names {
  const stack = `landfall-${lake.name}-${lake.stage}`
  return {
    stack,
    ledger: `${stack}-ledger`,
    bus: stack,
    queue: (name) => `${stack}-${name}`,
    fn: (name) => `${stack}-${name}`,
    imageRepository: `${stack}-mlflow`,
    imageBuilds: `${stack}-mlflow`,
  }
}

/** The end of the name of the role that Landfall creates for an endpoint's model. IAM allows 64 characters for a name. */
export function modelRoleName(endpoint: string, digest: (text: string) => string): string {
  // Neither IAM nor SageMaker allows two names that differ only in case.
  const name = endpoint.toLowerCase()
  return `${name.slice(0, 20)}-${digest(name).slice(0, 8)}`
}

/**
 * ARN of the role that a model's container runs as: the user's, or the one that Landfall created. `prefix` is the deployment
 * function's `modelRoles` (`src/lambda/config.ts`).
 */
export function modelRoleArn(model: Model, prefix: string, digest: (text: string) => string): string {
  return model.role ?? `${prefix}${modelRoleName(model.endpoint.name, digest)}`
}

/** The CloudWatch metric of how late a reaction is: `CatalogFilesLag`. */
export function lagMetric(reaction: string): string {
  return `${reaction.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}Lag`
}
