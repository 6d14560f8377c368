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
const settings = { maxAttempts: 3 } as const

export const cloudwatch = (): CloudWatchClient => new CloudWatchClient(settings)
export const codebuild = (): CodeBuildClient => new CodeBuildClient(settings)
export const applicationAutoScaling = (): ApplicationAutoScalingClient => new ApplicationAutoScalingClient(settings)
export const dynamodb = (): DynamoDBClient => new DynamoDBClient(settings)
export const ecr = (): ECRClient => new ECRClient(settings)
export const eventbridge = (): EventBridgeClient => new EventBridgeClient(settings)
export const glue = (): GlueClient => new GlueClient(settings)
export const sagemaker = (): SageMakerClient => new SageMakerClient(settings)
export const sagemakerRuntime = (): SageMakerRuntimeClient => new SageMakerRuntimeClient(settings)
export const secretsmanager = (): SecretsManagerClient => new SecretsManagerClient(settings)
export const lambda = (): LambdaClient => new LambdaClient(settings)
export const s3 = (): S3Client => new S3Client(settings)
/** Calls go to the configured endpoint, not to the queue URL's host: a proxy in between then sees them. */
export const sqs = (): SQSClient => new SQSClient({ ...settings, useQueueUrlAsEndpoint: false })
