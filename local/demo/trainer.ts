import { join } from 'node:path'
import { childEnvironment, type Emulator } from '../cloud/emulator.ts'
import { startJsonProcess } from '../cloud/json-process.ts'
import type { LocalMlflow } from '../mlflow/server.ts'

const FLIGHTS = join(import.meta.dirname, '../../node_modules/vega-datasets/data/flights-3m.parquet')

interface Trained {
  readonly version: string
  /** Mean absolute error on flights that it was not trained on, in minutes. */
  readonly off: number
  /** Flights that it was trained on. */
  readonly rows: number
}

/** A data scientist with MLflow, who knows nothing of Landfall or SageMaker. */
export interface Trainer {
  /** Trains, logs and registers. `line`: a linear regression; `curve`: a polynomial one. */
  fit(kind: 'line' | 'curve'): Promise<Trained>
  /** Registers a model that cannot be loaded, or one that answers no numbers. */
  registerBroken(how: 'load' | 'answer'): Promise<{ readonly version: string }>
  promote(version: string, alias: string): Promise<void>
  /** The tags of a version. */
  tags(version: string): Promise<Readonly<Record<string, string>>>
  /** What a version answers without an endpoint. */
  answers(version: string, request: object): Promise<{ readonly predictions: readonly number[] }>
  close(): void
}

export async function startTrainer(emulator: Emulator, mlflow: LocalMlflow, model: string): Promise<Trainer> {
  // MLflow does not remove what it downloads into the temporary folder.
  const env = { ...childEnvironment(emulator, process.env), ...mlflow.environment, TMPDIR: emulator.folder }
  const { ask, close } = await startJsonProcess(join(import.meta.dirname, 'trainer.py'), [model, FLIGHTS], env)
  return {
    fit: async (kind) => (await ask({ do: 'fit', kind })) as Trained,
    registerBroken: async (how) => (await ask({ do: 'register_broken', how })) as { version: string },
    promote: async (version, alias) => void (await ask({ do: 'promote', version, alias })),
    tags: async (version) => (await ask({ do: 'tags', version })) as Record<string, string>,
    answers: async (version, request) => (await ask({ do: 'answers', version, request })) as { predictions: number[] },
    close,
  }
}
