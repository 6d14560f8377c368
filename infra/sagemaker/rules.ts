import type { Lake } from '../../src/lake/lake.ts'
import { usedRegistries } from '../../src/reactions/deployment/registries.ts'
import { PATTERN_LIMIT } from '../reaction.ts'
import { buildsImages, imageBuildEnd } from './images.ts'

/**
 * Events on the account's default bus that wake deployments, beside webhooks, the sweep and the reaction's own wake-ups. AWS
 * services send them on a best-effort basis (EventBridge events reference, "Amazon SageMaker AI events"). Endpoints are matched
 * by name. If a pattern cannot hold so many names, it matches all endpoints, and the function ignores those of others.
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
 * All events of an MLflow that SageMaker runs: "SageMaker MLFlow Tracking Server Setting Registered Model Alias", …. Two
 * prefixes, since AWS's documentation spells the product in two ways.
 */
const mlflow = {
  source: ['aws.sagemaker'],
  'detail-type': [{ prefix: 'SageMaker MLFlow' }, { prefix: 'SageMaker MLflow' }],
}
