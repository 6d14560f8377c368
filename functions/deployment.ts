import { reactionFunction } from '../src/lambda/reaction-function.ts'
import { sha256 } from '../src/node/sha256.ts'
import { cloudwatchAlarms } from '../src/reactions/deployment/aws/alarms.ts'
import { s3Artifacts } from '../src/reactions/deployment/aws/artifacts.ts'
import * as aws from '../src/aws/clients.ts'
import { httpClient } from '../src/http/http.ts'
import { ecrImages } from '../src/reactions/deployment/aws/images.ts'
import { lazy } from '../src/core/lazy.ts'
import type { RegistryOptions } from '../src/registry/client.ts'
import { sagemakerEndpoints } from '../src/reactions/deployment/aws/sagemaker.ts'
import { endpointScaling } from '../src/reactions/deployment/aws/scaling.ts'
import { secretsManager } from '../src/aws/secrets.ts'
import { modelRoleArn, names } from '../src/lake/resource-names.ts'
import type { Lake } from '../src/lake/lake.ts'
import type { Model } from '../src/reactions/deployment/settings.ts'
import { deploymentReaction } from '../src/reactions/deployment/reaction.ts'
import type { Registry } from '../src/registry/ports.ts'

/** Deploys promoted models to their endpoints, and restores an earlier one if that fails. */
export const handler = reactionFunction(
  'deployment',
  (lake, { config, now }) => {
    const { stack, imageRepository: repository, imageBuilds: project } = names(lake)
    const endpoints = aws.sagemaker()
    return deploymentReaction({
      lake: lake.name,
      stack,
      models: lake.models,
      registryOf: registriesOf(lake, now, endpoints.config.credentials),
      roleOf: (model) => modelRoleArn(model, config.modelRoles ?? '', sha256),
      sagemaker: {
        ...sagemakerEndpoints(endpoints, aws.sagemakerRuntime()),
        ...endpointScaling(aws.applicationAutoScaling()),
      },
      artifacts: s3Artifacts(aws.s3()),
      images: ecrImages(aws.ecr(), aws.codebuild(), { repository, project }),
      alarms: cloudwatchAlarms(aws.cloudwatch(), { 'landfall:lake': lake.name }),
      digest: sha256,
      now,
    })
  },
  async (lake) => (await import('../src/reactions/deployment/messages.ts')).parser(lake),
)

/** One client per registry, so that it reads its secret and gets its token once. */
function registriesOf(lake: Lake, now: () => number, credentials: RegistryOptions['aws']): (model: Model) => Registry {
  const options = { secrets: secretsManager(aws.secretsmanager()), http: httpClient(), now, aws: credentials }
  const made = new Map<string, Registry>()
  return ({ registry: name }) => {
    const settings = lake.registries[name]
    if (settings === undefined) throw new Error(`the lake ${lake.name} was deployed without the registry ${name}`)
    const client =
      made.get(name) ??
      lazy<Registry>(['promoted', 'artifacts', 'tag'], async () => {
        const { registry } = await import('../src/registry/client.ts')
        return registry(settings, options)
      })
    made.set(name, client)
    return client
  }
}
