import { sub } from '../cloudformation.ts'
import type { ReactionInfra } from '../reaction.ts'
import { readSecrets, wakeQueues } from '../access.ts'
import { deploymentAccess, deploymentGrowth, modelRolesArn } from '../sagemaker/access.ts'
import { endpointLogs } from '../sagemaker/endpoint-logs.ts'
import { imageAccess, imageResources } from '../sagemaker/images.ts'
import { modelRoles } from '../sagemaker/model-roles.ts'
import { modelRules } from '../sagemaker/rules.ts'
import { usedRegistries } from '../../src/reactions/deployment/registries.ts'

export const deployment: ReactionInfra = {
  description: 'Deploys promoted models to SageMaker endpoints and rolls back what fails',
  // Packing a model of gigabytes takes minutes. This is the maximum for a function.
  timeout: 900,
  memory: 512,
  // It calls ten services.
  bundle: 670,
  // Packing may take most of the timeout, which the messages of a batch would share.
  batchSize: 1,
  // SageMaker would throttle more.
  maximumConcurrency: 10,

  environment: (lake) => ({ MODEL_ROLES: sub(modelRolesArn(lake)) }),

  access: (lake) => [
    ...wakeQueues('deployment'),
    ...readSecrets(usedRegistries(lake).flatMap((registry) => ('secret' in registry ? [registry.secret] : []))),
    ...deploymentAccess(lake),
    ...imageAccess(lake),
  ],

  growingAccess: deploymentGrowth,
  rules: modelRules,
  resources: (lake) => ({ ...modelRoles(lake), ...endpointLogs(lake), ...imageResources(lake) }),
}
