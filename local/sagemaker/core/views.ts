import type { CaptureInput, VariantInput } from './requests.ts'
import type { Fleet, StoredConfig, StoredEndpoint, StoredModel } from './state.ts'

/** An event of SageMaker's in EventBridge (SageMaker developer guide, "Events from SageMaker AI"). */
export interface EndpointEvent {
  readonly source: 'aws.sagemaker'
  readonly 'detail-type': 'SageMaker Endpoint State Change' | 'SageMaker Endpoint Deployment State Change'
  /** ISO 8601. */
  readonly time: string
  readonly resources: readonly string[]
  readonly detail: Readonly<Record<string, unknown>>
}

export function viewModel({ input, arn, created }: StoredModel): object {
  const { Tags: _, ...rest } = input
  return { EnableNetworkIsolation: false, ...rest, ModelArn: arn, CreationTime: new Date(created) }
}

export function viewConfig({ input, arn, created }: StoredConfig): object {
  const { Tags: _, ProductionVariants: variants, ...rest } = input
  return {
    ...rest,
    // The service adds the default weight.
    ProductionVariants: variants.map((each) => ({ InitialVariantWeight: 1, ...each })),
    EndpointConfigArn: arn,
    CreationTime: new Date(created),
  }
}

export function summary({ name, arn, status, created, modified }: StoredEndpoint): object {
  return {
    EndpointName: name,
    EndpointArn: arn,
    EndpointStatus: status,
    CreationTime: new Date(created),
    LastModifiedTime: new Date(modified),
  }
}

export function viewEndpoint(endpoint: StoredEndpoint): object {
  const { blue, config, failure, lastDeployment } = endpoint
  const capture = blue?.config.input.DataCaptureConfig
  const pending = viewPending(endpoint, (ms) => new Date(ms))
  return {
    ...summary(endpoint),
    EndpointConfigName: config,
    ...(blue === undefined ? {} : { ProductionVariants: [viewVariant(blue)] }),
    ...(capture === undefined ? {} : { DataCaptureConfig: viewCapture(capture) }),
    ...(failure === undefined ? {} : { FailureReason: failure }),
    ...(lastDeployment === undefined ? {} : { LastDeploymentConfig: lastDeployment }),
    ...(pending === undefined ? {} : { PendingDeploymentSummary: pending }),
  }
}

/** An event of the endpoint as it is at `now`. */
export function eventOf(kind: 'State' | 'Deployment State', endpoint: StoredEndpoint, now: number): EndpointEvent {
  const { name, arn, config, status, blue, created, modified, failure, tags } = endpoint
  const pending = kind === 'State' ? undefined : viewPending(endpoint, (ms) => ms)
  return {
    source: 'aws.sagemaker',
    'detail-type': `SageMaker Endpoint ${kind} Change`,
    time: new Date(now).toISOString(),
    resources: [arn],
    detail: {
      EndpointName: name,
      EndpointArn: arn,
      EndpointConfigName: config,
      ...(blue === undefined ? {} : { ProductionVariants: [viewVariant(blue)] }),
      EndpointStatus: status.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase(),
      ...(failure === undefined ? {} : { FailureReason: failure }),
      CreationTime: created,
      LastModifiedTime: modified,
      Tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
      ...(pending === undefined ? {} : { PendingDeploymentSummary: pending }),
    },
  }
}

/** Also while the endpoint is created (API reference, DescribeEndpoint). */
function viewPending(
  { blue, green, work, created }: StoredEndpoint,
  time: (ms: number) => unknown,
): object | undefined {
  const fleet = work?.kind === 'create' ? blue : green
  if (fleet === undefined || (work?.kind !== 'update' && work?.kind !== 'create')) return undefined
  const began = work.kind === 'update' ? work.began : created
  const status = { Status: work.kind === 'update' && work.step >= 0 ? 'Baking' : 'Creating', StartTime: time(began) }
  return {
    EndpointConfigName: fleet.config.input.EndpointConfigName,
    StartTime: time(began),
    ProductionVariants: [{ ...viewVariant(fleet), VariantStatus: [status] }],
  }
}

function viewVariant({ config, model, instances, traffic }: Fleet): object {
  const { VariantName: name, InitialVariantWeight: weight = 1, ServerlessConfig: serverless } = config.variant
  const image = model.input.PrimaryContainer.Image
  return {
    VariantName: name,
    DeployedImages: [{ SpecifiedImage: image, ResolvedImage: image }],
    CurrentWeight: (weight * traffic) / 100,
    DesiredWeight: weight,
    CurrentInstanceCount: instances,
    DesiredInstanceCount: instances,
    ...viewServerless(serverless),
  }
}

function viewServerless(config: VariantInput['ServerlessConfig']): object {
  return config === undefined ? {} : { CurrentServerlessConfig: config, DesiredServerlessConfig: config }
}

function viewCapture(capture: CaptureInput): object {
  const { EnableCapture: enabled = false, InitialSamplingPercentage: sample, DestinationS3Uri: to, KmsKeyId } = capture
  return {
    EnableCapture: enabled,
    CaptureStatus: enabled ? 'Started' : 'Stopped',
    CurrentSamplingPercentage: sample,
    DestinationS3Uri: to,
    ...(KmsKeyId === undefined ? {} : { KmsKeyId }),
  }
}
