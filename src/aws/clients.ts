import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CodeBuildClient } from '@aws-sdk/client-codebuild'
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { ECRClient } from '@aws-sdk/client-ecr'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { GlueClient } from '@aws-sdk/client-glue'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { S3Client } from '@aws-sdk/client-s3'
import { SageMakerClient } from '@aws-sdk/client-sagemaker'
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SQSClient } from '@aws-sdk/client-sqs'

/**
 * AWS clients, each made with the same settings. Region, endpoint and credentials come from the environment, as the SDK
 * reads it. Three tries in all: longer outages are the queue's to wait out, not a function's that is paid by the second.
 */
const settings = patient(12_000)

/**
 * Gives up a connection on which nothing moves for so many ms, so that three tries fit into a function's minute: without an
 * end of its own, a call that hangs would last until the function is killed.
 */
export function patient(socketTimeout: number) {
  return { maxAttempts: 3, requestHandler: { connectionTimeout: 3_000, socketTimeout } }
}

export const cloudwatch = (): CloudWatchClient => new CloudWatchClient(settings)
export const codebuild = (): CodeBuildClient => new CodeBuildClient(settings)
export const applicationAutoScaling = (): ApplicationAutoScalingClient => new ApplicationAutoScalingClient(settings)
export const dynamodb = (): DynamoDBClient => new DynamoDBClient(settings)
export const ecr = (): ECRClient => new ECRClient(settings)
export const eventbridge = (): EventBridgeClient => new EventBridgeClient(settings)
export const glue = (): GlueClient => new GlueClient(settings)
export const sagemaker = (): SageMakerClient => new SageMakerClient(settings)
/** A model has 60 s to answer (InvokeEndpoint). */
export const sagemakerRuntime = (): SageMakerRuntimeClient => new SageMakerRuntimeClient(patient(70_000))
export const secretsmanager = (): SecretsManagerClient => new SecretsManagerClient(settings)
/** An invocation is answered when the function has ended. */
export const lambda = (): LambdaClient => new LambdaClient(patient(900_000))
/** What reads an object may pause it, while it writes another. */
export const s3 = (): S3Client => new S3Client(patient(30_000))
/** Calls go to the configured endpoint, not to the queue URL's host: a proxy in between then sees them. */
export const sqs = (): SQSClient => new SQSClient({ ...settings, useQueueUrlAsEndpoint: false })
