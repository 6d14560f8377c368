import type { Lake } from '../../../src/lake/lake.ts'
import type { Model } from '../../../src/reactions/deployment/settings.ts'

/** A lake with one model, which names no image. */
export function lakeWithModel(model: Partial<Model> = {}, stage = 'prod'): Lake {
  return {
    name: 'models',
    stage,
    buckets: {},
    tables: {},
    registries: {
      main: {
        kind: 'mlflow',
        host: 'https://mlflow.test',
        secret: 'landfall/mlflow',
        artifacts: { bucket: 'artifacts', prefix: 'mlflow' },
      },
    },
    models: {
      delay: {
        name: 'delay',
        registry: 'main',
        registered: 'delay',
        promote: { alias: 'champion' },
        environment: {},
        endpoint: {
          name: 'delay',
          compute: { kind: 'instances', type: 'ml.m5.large', min: 1, max: 1 },
          rollout: { kind: 'all-at-once', bake: 0 },
          alarms: { errors: 5 },
          keep: 3,
        },
        ...model,
      },
    },
  }
}
