import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
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
import type { Milliseconds } from '../core/time.ts'

/**
 * AWS clients with the same settings. The SDK reads region, endpoint and credentials from the environment. Three attempts:
 * a longer outage is waited out by the queue, which costs nothing, unlike a function that runs and waits.
 */
const settings = patient(12_000)

/**
 * Times out a connection that is idle for so long, so that three attempts fit into a function's minute. Without a timeout,
 * a call that hangs would last until Lambda ends the function.
 */
export function patient(socketTimeout: Milliseconds) {
  return { maxAttempts: 3, requestHandler: { connectionTimeout: 3_000, socketTimeout } }
}

export const cloudwatch = (): CloudWatchClient => new CloudWatchClient(settings)
/** It waits for its turn: a deploy may set up hundreds of log groups. */
export const cloudwatchLogs = (): CloudWatchLogsClient => new CloudWatchLogsClient({ ...settings, maxAttempts: 10 })
export const codebuild = (): CodeBuildClient => new CodeBuildClient(settings)
export const applicationAutoScaling = (): ApplicationAutoScalingClient => new ApplicationAutoScalingClient(settings)
export const dynamodb = (): DynamoDBClient => new DynamoDBClient(settings)
export const ecr = (): ECRClient => new ECRClient(settings)
export const eventbridge = (): EventBridgeClient => new EventBridgeClient(settings)
export const glue = (): GlueClient => new GlueClient(settings)
export const sagemaker = (): SageMakerClient => new SageMakerClient(settings)
/** InvokeEndpoint gives a model 60 s to answer. */
export const sagemakerRuntime = (): SageMakerRuntimeClient => new SageMakerRuntimeClient(patient(70_000))
export const secretsmanager = (): SecretsManagerClient => new SecretsManagerClient(settings)
/** An invocation is answered only when the function has ended. */
export const lambda = (): LambdaClient => new LambdaClient(patient(900_000))
/** A reader may pause one object while it writes another. */
export const s3 = (): S3Client => new S3Client(patient(30_000))
/** Calls go to the configured endpoint rather than to the queue URL's host, so that a proxy in between sees them. */
export const sqs = (): SQSClient => new SQSClient({ ...settings, useQueueUrlAsEndpoint: false })
