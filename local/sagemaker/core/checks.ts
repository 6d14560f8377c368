import { invalid } from './errors.ts'
import type { ModelInput, VariantInput } from './requests.ts'
import type { StoredModel } from './state.ts'

/** Rules of a container that the API's model does not express (ContainerDefinition, S3ModelDataSource). @throws {ServiceError} */
export function checkContainer({ PrimaryContainer: container }: ModelInput): void {
  const { ModelDataUrl: url, ModelDataSource: source, Environment: environment = {} } = container
  if (bytesOf(environment) > 32 * 1024)
    throw invalid('The keys and values of Environment have more than 32 KB together.')
  if (url !== undefined && source !== undefined)
    throw invalid('You cannot specify both ModelDataUrl and ModelDataSource for a container.')
  const { S3Uri: uri = '', S3DataType: type, CompressionType: compression } = source?.S3DataSource ?? {}
  if (type === 'S3Prefix' && compression !== 'None')
    throw invalid('CompressionType Gzip is only supported with S3DataType S3Object.')
  if (type === 'S3Prefix' && !uri.endsWith('/'))
    throw invalid(`S3Uri ${uri} must end with a forward slash for S3DataType S3Prefix.`)
  if (type === 'S3Object' && uri.endsWith('/')) throw invalid(`S3Uri ${uri} of S3DataType S3Object names no object.`)
}

/** The same of a variant (developer guide, "Deploy models with Amazon SageMaker Serverless Inference": exclusions). @throws {ServiceError} */
export function checkVariant(variant: VariantInput, model: StoredModel, captures: boolean): void {
  const { ServerlessConfig: serverless, InstanceType: type, InitialInstanceCount: count } = variant
  if (serverless === undefined) {
    if (type === undefined || count === undefined)
      throw invalid(`InstanceType and InitialInstanceCount are required for variant ${variant.VariantName}.`)
    return
  }
  if (type !== undefined || count !== undefined)
    throw invalid('InstanceType and InitialInstanceCount are not allowed with ServerlessConfig.')
  if (captures) throw invalid('DataCaptureConfig is not supported for serverless endpoints.')
  if ((serverless.ProvisionedConcurrency ?? 0) > serverless.MaxConcurrency)
    throw invalid('ProvisionedConcurrency must be less than or equal to MaxConcurrency.')
  if (model.input.PrimaryContainer.ModelDataSource !== undefined)
    throw invalid('ModelDataSource is not supported for serverless endpoints.')
}

function bytesOf(environment: Readonly<Record<string, string>>): number {
  return Buffer.byteLength(Object.entries(environment).flat().join(''))
}
