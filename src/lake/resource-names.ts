import type { Lake, Model } from './lake.ts'

/**
 * What a deployed lake's parts are called, so that the deploy, the CLI and the tests find them without asking
 * CloudFormation. All are within AWS's limits while lake and stage together stay under 40 characters.
 */
export interface Names {
  /** The CloudFormation stack, and the prefix of all else. */
  readonly stack: string
  /** DynamoDB table. */
  readonly ledger: string
  /** EventBridge bus. */
  readonly bus: string
  /** SQS queue of a function or reaction; its dead-letter queue has `-dlq` after it. */
  queue(name: string): string
  /** Lambda function. */
  fn(name: string): string
  /** ECR repository of MLflow's containers, and the CodeBuild project that builds them. */
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

/** How the ARN of the role that Landfall makes for the model behind an endpoint ends; IAM takes 64 characters of a name. */
export function modelRoleName(endpoint: string, digest: (text: string) => string): string {
  // Neither IAM nor SageMaker takes two names that differ in the case of letters alone.
  const name = endpoint.toLowerCase()
  return `${name.slice(0, 20)}-${digest(name).slice(0, 8)}`
}

/**
 * ARN of the role that a model's container runs as: the user's or, where Landfall made one, `prefix` with its name, which is
 * the deployment function's `modelRoles` (`src/lambda/config.ts`).
 */
export function modelRoleArn(model: Model, prefix: string, digest: (text: string) => string): string {
  return model.role ?? `${prefix}${modelRoleName(model.endpoint.name, digest)}`
}
