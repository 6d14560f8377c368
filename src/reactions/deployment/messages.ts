import * as z from 'zod/mini'
import { Refused } from '../../core/refused.ts'
import type { Lake } from '../../lake/lake.ts'
import type { Wake } from '../../core/reaction.ts'
import { endpointSubject } from '../../lake/subjects.ts'
import { reasonOf } from '../../core/schema-error.ts'
import { wakeSchema } from '../../core/messages.ts'

/** "Amazon SageMaker AI endpoint state change" and its deployment's (SageMaker developer guide, "EventBridge events"). */
export const endpointEvent = z.looseObject({
  source: z.literal('aws.sagemaker'),
  'detail-type': z.enum(['SageMaker Endpoint State Change', 'SageMaker Endpoint Deployment State Change']),
  detail: z.looseObject({ EndpointName: z.string() }),
})

/** CodeBuild user guide, "Build notifications input format". */
export const buildEvent = z.looseObject({
  source: z.literal('aws.codebuild'),
  'detail-type': z.literal('CodeBuild Build State Change'),
  detail: z.looseObject({ 'project-name': z.string() }),
})

/** An event of SageMaker-managed MLflow. The format of its detail is undocumented. */
export const managedMlflowEvent = z.looseObject({
  source: z.literal('aws.sagemaker'),
  'detail-type': z.string().check(z.regex(/^SageMaker ML[Ff]low /)),
  detail: z.looseObject({}),
})

type Models = readonly Lake['models'][string][]

/**
 * Which endpoints a message of the deployment queue wakes: the one that a wake-up or an event of SageMaker names, those that may
 * wait for an image when a build changes, and those of the models that a registry's event names.
 *
 * The parser throws {@link Refused} `not-a-wake` for any other message.
 */
export function parser(lake: Pick<Lake, 'models' | 'registries'>): (message: unknown) => readonly Wake[] {
  const models = Object.values(lake.models)
  return (message) => {
    const endpoint = endpointEvent.safeParse(message)
    if (endpoint.success)
      return wakes(models.filter((model) => model.endpoint.name === endpoint.data.detail.EndpointName))
    if (buildEvent.safeParse(message).success) return wakes(models.filter(({ image }) => image === undefined))
    const registry = managedMlflowEvent.safeParse(message)
    if (registry.success) return wakes(namedIn(registry.data.detail, ofManaged(models, lake)))
    const { success, data, error } = wakeSchema.safeParse(message)
    if (success) return [data]
    throw new Refused(
      'not-a-wake',
      `a message is neither a wake-up nor an event that deployments wait for: ${reasonOf(error)}`,
    )
  }
}

function wakes(models: Models): Wake[] {
  return models.map(({ endpoint }) => ({ subject: endpointSubject(endpoint.name) }))
}

function ofManaged(models: Models, { registries }: Pick<Lake, 'registries'>): Models {
  return models.filter(({ registry }) => registries[registry]?.kind === 'sagemaker')
}

/** The models whose names are anywhere in the detail; all of them if it names none. */
function namedIn(detail: unknown, models: Models): Models {
  const texts = new Set(textsIn(detail))
  const named = models.filter(({ registered }) => texts.has(registered))
  return named.length === 0 ? models : named
}

/** An alias, a stage or a tag may have the same name as a model. */
const NO_MODEL = /alias|stage|tag/i

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) if (!NO_MODEL.test(key)) yield* textsIn(inner)
}
