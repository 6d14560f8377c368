import { createHash } from 'node:crypto'
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
  /**
   * What the names of the IAM roles that the lake's models run as begin with, and that of the model behind an endpoint; both
   * after `landfall-REGION-`, since IAM's names are those of an account, not of a region, and have 64 characters at most.
   */
  readonly modelRoles: string
  modelRole(endpoint: string): string
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
    modelRoles: `${short(stack)}-`,
    modelRole(endpoint) {
      // Neither IAM nor SageMaker takes two names that differ in the case of letters alone.
      const name = endpoint.toLowerCase()
      return `${short(stack)}-${name.slice(0, 20)}-${short(name)}`
    },
  }
}

/**
 * ARN of the role that a model's container runs as: the user's or, of one that Landfall made, its name after `prefix`, which
 * is the deployment function's `modelRoles` (`src/edge/config.ts`).
 */
export function modelRoleArn(lake: Pick<Lake, 'name' | 'stage'>, model: Model, prefix: string): string {
  return model.role ?? `${prefix}${names(lake).modelRole(model.endpoint.name)}`
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
