import type { Lake } from '../../src/lake/lake.ts'
import { usedRegistries } from '../../src/reactions/deployment/registries.ts'
import { PATTERN_LIMIT } from '../reaction.ts'
import { buildsImages, imageBuildEnd } from './images.ts'

/**
 * What wakes deployments beside webhooks, the sweep and the reaction's own wake-ups: events of the account's default bus, which
 * services send as best they can (EventBridge events reference, "Amazon SageMaker AI events"). Endpoints by their names or, where
 * a pattern cannot hold so many, all of the account, of which the function takes those of its models.
 */
export function modelRules(lake: Lake): Readonly<Record<string, object>> {
  const endpoints = (EndpointName?: readonly string[]): object => ({
    source: ['aws.sagemaker'],
    'detail-type': ['SageMaker Endpoint State Change'],
    ...(EndpointName === undefined ? {} : { detail: { EndpointName } }),
  })
  const named = endpoints(Object.values(lake.models).map(({ endpoint }) => endpoint.name))
  const isShort = JSON.stringify(named).length <= PATTERN_LIMIT
  const isManaged = usedRegistries(lake).some(({ kind }) => kind === 'sagemaker')
  return {
    EndpointsRule: isShort ? named : endpoints(),
    ...(buildsImages(lake) && { ImageBuildsRule: imageBuildEnd(lake) }),
    ...(isManaged && { MlflowRule: mlflow }),
  }
}

/**
 * All events of an MLflow that SageMaker runs: "SageMaker MLFlow Tracking Server Setting Registered Model Alias", …. The spelling
 * of the product is not the same everywhere in AWS's documentation.
 */
const mlflow = {
  source: ['aws.sagemaker'],
  'detail-type': [{ prefix: 'SageMaker MLFlow' }, { prefix: 'SageMaker MLflow' }],
}
