import type { Model } from '../../lake/lake.ts'
import { endpointSubject } from '../../lake/subjects.ts'
import type { WakeRequest } from './receive.ts'

export type Models = Readonly<Record<string, Model>>

/**
 * In bytes. The longest that MLflow sends is a tag's value of 100,000 characters (its `MAX_MODEL_REGISTRY_TAG_VALUE_LENGTH`),
 * each of which may be escaped as six bytes; a delivery that is turned away for its size is news that only the sweep makes good.
 */
export const BODY_LIMIT = 1_000_000

/**
 * The endpoints that serve a registered model of this registry: none for most of what a registry tells, since its webhooks are
 * about all of its models. MLflow's test call is about `example_model`, which so wakes nothing either.
 */
export function deployments(models: Models, registry: string, registered: string): WakeRequest[] {
  return Object.values(models)
    .filter((model) => model.registry === registry && model.registered === registered)
    .map(({ endpoint }) => ({ reaction: 'deployment', wake: { subject: endpointSubject(endpoint.name) } }))
}
