import type { Lake } from '../../../src/lake/lake.ts'
import type { Model } from '../../../src/reactions/deployment/settings.ts'
import { modelOf } from '../../world/model-builder.ts'

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
    models: { delay: modelOf({ registered: 'delay', ...model }) },
  }
}
