import { databricksRegistry } from '../../intake/webhook/databricks-registry.ts'
import { mlflowRegistry } from '../../intake/webhook/mlflow.ts'
import type { ReactionWebhooks, Source, WakeRequest } from '../../intake/webhook/ports.ts'
import type { Lake } from '../../lake/lake.ts'
import { hasWebhooks, type RegistryWithWebhooks } from '../../registry/settings.ts'
import { endpointSubject } from '../../lake/subjects.ts'

/** Where the webhooks of a registry deliver, by its name in lake.yml. */
export function registryPath(registry: string): string {
  return `/registries/${registry}`
}

/** A change of a registered model wakes the endpoints that serve it. */
export const deploymentWebhooks: ReactionWebhooks = {
  reaction: 'deployment',
  remembered: true,
  secrets: (lake) => senders(lake).map(([, { secret }]) => secret),
  sources: (lake, secrets, now) =>
    Object.fromEntries(
      senders(lake).map(([name, registry]): [string, Source] => {
        const signing = secrets.signing(registry.secret)
        const wakes = (registered: string) => endpointsServing(registered, name, lake)
        const source =
          registry.kind === 'mlflow' ? mlflowRegistry(wakes, signing, now) : databricksRegistry(wakes, signing)
        return [registryPath(name), source]
      }),
    ),
}

function senders({ registries }: Lake): [string, RegistryWithWebhooks][] {
  return Object.entries(registries).flatMap(([name, registry]): [string, RegistryWithWebhooks][] =>
    hasWebhooks(registry) ? [[name, registry]] : [],
  )
}

/**
 * None for most deliveries, since a registry's webhooks cover all of its models. MLflow's test delivery is about
 * `example_model`, so it wakes nothing either.
 */
function endpointsServing(registered: string, registry: string, { models }: Lake): WakeRequest[] {
  return Object.values(models)
    .filter((model) => model.registry === registry && model.registered === registered)
    .map(({ endpoint }) => ({ reaction: 'deployment', wake: { subject: endpointSubject(endpoint.name) } }))
}
