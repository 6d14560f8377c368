import { sub } from '../cloudformation.ts'
import type { ReactionInfra } from '../reaction.ts'
import { readSecrets, wakeQueues } from '../access.ts'
import { deploymentAccess, deploymentGrowth, modelRolesArn } from '../sagemaker/access.ts'
import { imageAccess, imageResources } from '../sagemaker/images.ts'
import { modelRoles } from '../sagemaker/model-roles.ts'
import { modelRules } from '../sagemaker/rules.ts'
import { usedRegistries } from '../../src/reactions/deployment/registries.ts'

export const deployment: ReactionInfra = {
  description: 'Puts promoted models onto their SageMaker endpoints, and what worked back',
  // Packing a model of gigabytes takes minutes; no function has longer.
  timeout: 900,
  memory: 512,
  // It talks to ten services.
  bundle: 670,
  // Packing takes most of the function's time, and another endpoint's message in the same batch would share it.
  batchSize: 1,
  // More would meet SageMaker's limits on calls.
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
  resources: (lake) => ({ ...modelRoles(lake), ...imageResources(lake) }),
}
