import type { CreateEndpointConfigInput, CreateModelInput, Tag } from '@aws-sdk/client-sagemaker'
import { locationUri } from '../../../lake/lake.ts'
import { type ConfigSpec, type ModelSpec, type Tags, VARIANT } from '../ports.ts'

/**
 * Seconds. MLflow's container installs the model's requirements when it starts, which may take longer than SageMaker's default (developer guide, "How your container should respond to health check requests").
 */
const STARTS_WITHIN = 1_200

/** The input of CreateModel. */
export function modelInput({ name, image, data, environment, role, tags }: ModelSpec): CreateModelInput {
  const uri = locationUri(data.location)
  return {
    ModelName: name,
    PrimaryContainer: {
      Image: image,
      // Serverless endpoints accept no ModelDataSource at all (API reference, ContainerDefinition).
      ...(data.kind === 'prefix'
        ? {
            ModelDataSource: {
              S3DataSource: { S3Uri: `${uri}/`, S3DataType: 'S3Prefix', CompressionType: 'None' },
            },
          }
        : { ModelDataUrl: uri }),
      Environment: environment,
    },
    ExecutionRoleArn: role,
    Tags: tagList(tags),
  }
}

/** The input of CreateEndpointConfig. */
export function configInput({ name, model, compute, capture, tags }: ConfigSpec): CreateEndpointConfigInput {
  const fleet =
    compute.kind === 'instances'
      ? {
          InstanceType: compute.type,
          InitialInstanceCount: compute.min,
          ContainerStartupHealthCheckTimeoutInSeconds: STARTS_WITHIN,
        }
      : {
          ServerlessConfig: {
            MemorySizeInMB: compute.memory,
            MaxConcurrency: compute.concurrency,
            ProvisionedConcurrency: compute.provisioned,
          },
        }
  return {
    EndpointConfigName: name,
    // The SDK's type lists the instance types of its release; lake.yml may name newer ones.
    ProductionVariants: [
      { VariantName: VARIANT, ModelName: model, InitialVariantWeight: 1, ...fleet },
    ] as CreateEndpointConfigInput['ProductionVariants'],
    DataCaptureConfig: capture && {
      EnableCapture: true,
      InitialSamplingPercentage: capture.sample,
      DestinationS3Uri: locationUri(capture.to),
      CaptureOptions: [{ CaptureMode: 'Input' }, { CaptureMode: 'Output' }],
      CaptureContentTypeHeader: { JsonContentTypes: [...capture.json], CsvContentTypes: [...capture.csv] },
    },
    Tags: tagList(tags),
  }
}

export function tagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}
