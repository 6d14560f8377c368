import type { EndpointSettings, Model } from '../../src/reactions/deployment/settings.ts'

/** A model on an endpoint of two instances. A test passes only what matters to it. */
export function modelOf(
  over: Partial<Omit<Model, 'endpoint'>> & { readonly endpoint?: Partial<EndpointSettings> } = {},
): Model {
  const { endpoint, ...rest } = over
  return {
    name: 'delay',
    registry: 'main',
    registered: 'flight delay',
    promote: { alias: 'champion' },
    environment: {},
    ...rest,
    endpoint: {
      name: 'delay',
      compute: { kind: 'instances', type: 'ml.m5.large', min: 2, max: 2 },
      rollout: { kind: 'canary', percent: 10, bake: 60_000 },
      alarms: { errors: 5 },
      keep: 2,
      ...endpoint,
    },
  }
}
