import { z } from 'zod'
import { invalid } from './errors.ts'

/**
 * The requests as the API's model has them (botocore's `service-2.json`: lengths, patterns, ranges, required members), as far as
 * they are implemented here. Members that are not implemented are refused and not ignored.
 */
const name = z
  .string()
  .max(63)
  .regex(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/)
const url = z
  .string()
  .max(1024)
  .regex(/^(https|s3):\/\/([^/]+)\/?(.*)$/)
const role = z
  .string()
  .min(20)
  .max(2048)
  .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/)
const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u
const tag = z.strictObject({
  Key: z.string().min(1).max(128).regex(tagText),
  Value: z.string().max(256).regex(tagText),
})
const tags = z.array(tag).max(50)
const arn = z
  .string()
  .max(256)
  .regex(/^arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:.+$/)

const container = z.strictObject({
  Image: z.string().max(255).regex(/^\S+$/),
  Mode: z.enum(['SingleModel']).optional(),
  ModelDataUrl: url.optional(),
  ModelDataSource: z
    .strictObject({
      S3DataSource: z.strictObject({
        S3Uri: url,
        S3DataType: z.enum(['S3Prefix', 'S3Object']),
        CompressionType: z.enum(['None', 'Gzip']),
      }),
    })
    .optional(),
  Environment: z
    .record(
      z
        .string()
        .max(1024)
        .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/),
      z.string().max(1024),
    )
    .refine((map) => Object.keys(map).length <= 100, 'Map must have length less than or equal to 100')
    .optional(),
})

export const createModel = z.strictObject({
  ModelName: name,
  PrimaryContainer: container,
  ExecutionRoleArn: role,
  EnableNetworkIsolation: z.boolean().optional(),
  Tags: tags.optional(),
})

const seconds = (least: number, most: number) => z.int().min(least).max(most)

const variant = z.strictObject({
  VariantName: name,
  ModelName: name,
  InitialInstanceCount: z.int().min(1).optional(),
  InstanceType: z
    .string()
    .regex(/^ml\.[a-z0-9-]+\.[a-z0-9-]+$/)
    .optional(),
  InitialVariantWeight: z.number().min(0).optional(),
  ServerlessConfig: z
    .strictObject({
      MemorySizeInMB: z.int().min(1024).max(6144).multipleOf(1024),
      MaxConcurrency: z.int().min(1).max(200),
      ProvisionedConcurrency: z.int().min(1).max(200).optional(),
    })
    .optional(),
  VolumeSizeInGB: z.int().min(1).max(512).optional(),
  ModelDataDownloadTimeoutInSeconds: seconds(60, 3600).optional(),
  ContainerStartupHealthCheckTimeoutInSeconds: seconds(60, 3600).optional(),
})

const contentTypes = z
  .array(
    z
      .string()
      .min(1)
      .max(256)
      .regex(/^[a-zA-Z0-9](-*[a-zA-Z0-9])*\/[a-zA-Z0-9](-*[a-zA-Z0-9.])*$/),
  )
  .min(1)
  .max(10)
  .optional()

const capture = z.strictObject({
  EnableCapture: z.boolean().optional(),
  InitialSamplingPercentage: z.int().min(0).max(100),
  DestinationS3Uri: z
    .string()
    .max(512)
    .regex(/^(https|s3):\/\/([^/])\/?(.*)$/),
  KmsKeyId: z.string().max(2048).optional(),
  CaptureOptions: z
    .array(z.strictObject({ CaptureMode: z.enum(['Input', 'Output', 'InputAndOutput']) }))
    .min(1)
    .max(32),
  CaptureContentTypeHeader: z
    .strictObject({ CsvContentTypes: contentTypes, JsonContentTypes: contentTypes })
    .optional(),
})

export const createConfig = z.strictObject({
  EndpointConfigName: name,
  // The service allows ten; this state machine has one.
  ProductionVariants: z.array(variant).length(1),
  DataCaptureConfig: capture.optional(),
  Tags: tags.optional(),
})

const size = z.strictObject({ Type: z.enum(['INSTANCE_COUNT', 'CAPACITY_PERCENT']), Value: z.int().min(1) })

const deployment = z.strictObject({
  BlueGreenUpdatePolicy: z
    .strictObject({
      TrafficRoutingConfiguration: z.strictObject({
        Type: z.enum(['ALL_AT_ONCE', 'CANARY', 'LINEAR']),
        WaitIntervalInSeconds: seconds(0, 3600),
        CanarySize: size.optional(),
        LinearStepSize: size.optional(),
      }),
      TerminationWaitInSeconds: seconds(0, 3600).optional(),
      MaximumExecutionTimeoutInSeconds: seconds(600, 28_800).optional(),
    })
    .optional(),
  RollingUpdatePolicy: z
    .strictObject({
      MaximumBatchSize: size,
      WaitIntervalInSeconds: seconds(0, 3600),
      MaximumExecutionTimeoutInSeconds: seconds(600, 28_800).optional(),
      RollbackMaximumBatchSize: size.optional(),
    })
    .optional(),
  AutoRollbackConfiguration: z
    .strictObject({
      Alarms: z
        .array(
          z.strictObject({
            AlarmName: z
              .string()
              .min(1)
              .max(255)
              .regex(/^(?!\s*$).+$/),
          }),
        )
        .min(1)
        .max(10),
    })
    .optional(),
})

export const createEndpoint = z.strictObject({
  EndpointName: name,
  EndpointConfigName: name,
  Tags: tags.optional(),
})

export const updateEndpoint = z.strictObject({
  EndpointName: name,
  EndpointConfigName: name,
  RetainAllVariantProperties: z.boolean().optional(),
  ExcludeRetainedVariantProperties: z
    .array(
      z.strictObject({ VariantPropertyType: z.enum(['DesiredInstanceCount', 'DesiredWeight', 'DataCaptureConfig']) }),
    )
    .max(3)
    .optional(),
  DeploymentConfig: deployment.optional(),
  RetainDeploymentConfig: z.boolean().optional(),
})

export const endpointRef = z.strictObject({ EndpointName: name })
export const configRef = z.strictObject({ EndpointConfigName: name })
export const modelRef = z.strictObject({ ModelName: name })

export const list = z.strictObject({
  NameContains: z
    .string()
    .max(63)
    .regex(/^[a-zA-Z0-9-]+$/)
    .optional(),
  MaxResults: z.int().min(1).max(100).default(10),
  NextToken: z.string().regex(/^\d+$/).optional(),
})
export const listEndpoints = list.extend({ StatusEquals: z.string().optional() })

export const addTags = z.strictObject({ ResourceArn: arn, Tags: tags })
export const listTags = z.strictObject({
  ResourceArn: arn,
  MaxResults: z.int().min(50).optional(),
  NextToken: z.string().optional(),
})
export const deleteTags = z.strictObject({
  ResourceArn: arn,
  TagKeys: z.array(z.string().min(1).max(128)).min(1).max(50),
})

export type ModelInput = z.infer<typeof createModel>
export type ConfigInput = z.infer<typeof createConfig>
export type VariantInput = z.infer<typeof variant>
export type CaptureInput = z.infer<typeof capture>
export type UpdateInput = z.infer<typeof updateEndpoint>
export type DeploymentInput = z.infer<typeof deployment>
export type Size = z.infer<typeof size>
export type Tag = z.infer<typeof tag>

/** @throws {ServiceError} a ValidationException that names every invalid member, as the service does */
export function parse<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => {
    const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], given)
    const shown = typeof value === 'string' ? value : JSON.stringify(value ?? null)
    return `Value '${shown}' at '${memberPath(path)}' failed to satisfy constraint: ${message}`
  })
  throw invalid(
    `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected: ${problems.join('; ')}`,
  )
}

/** `productionVariants.1.member.variantName`: the service counts from 1. */
function memberPath(path: readonly PropertyKey[]): string {
  const parts = path.map((key) =>
    typeof key === 'number' ? `${key + 1}.member` : String(key).replace(/^[A-Z]/, (letter) => letter.toLowerCase()),
  )
  return parts.join('.')
}
