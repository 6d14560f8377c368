import { join } from 'node:path'
import { childEnvironment, type Emulator } from '../cloud/emulator.ts'
import { startJsonProcess } from '../cloud/json-process.ts'
import type { LocalMlflow } from '../mlflow/server.ts'

export interface Trained {
  readonly version: string
  /** Mean absolute error on flights that it has not seen, in minutes. */
  readonly off: number
  /** Flights that it was trained on. */
  readonly rows: number
}

/** A data scientist with MLflow, who knows nothing of Landfall nor of SageMaker. */
export interface Trainer {
  /** Trains on the table, logs and registers. `line`: a linear regression; `curve`: one of polynomials. */
  fit(kind: 'line' | 'curve'): Promise<Trained>
  /** Registers something that cannot be loaded, or that answers no numbers. */
  slip(how: 'load' | 'answer'): Promise<{ readonly version: string }>
  promote(version: string, alias: string): Promise<void>
  /** The tags of a version. */
  tags(version: string): Promise<Readonly<Record<string, string>>>
  /** What a version answers, asked without an endpoint. */
  answers(version: string, request: object): Promise<{ readonly predictions: readonly number[] }>
  close(): void
}

/** @param table `s3://…` of the Delta table with flights */
export async function startTrainer(
  emulator: Emulator,
  mlflow: LocalMlflow,
  model: string,
  table: string,
): Promise<Trainer> {
  // MLflow leaves what it downloads where temporary files go.
  const env = { ...childEnvironment(emulator, process.env), ...mlflow.environment, TMPDIR: emulator.folder }
  const { ask, close } = await startJsonProcess(join(import.meta.dirname, 'trainer.py'), [model, table], env)
  return {
    fit: async (kind) => (await ask({ do: 'fit', kind })) as Trained,
    slip: async (how) => (await ask({ do: 'slip', how })) as { version: string },
    promote: async (version, alias) => void (await ask({ do: 'promote', version, alias })),
    tags: async (version) => (await ask({ do: 'tags', version })) as Record<string, string>,
    answers: async (version, request) => (await ask({ do: 'answers', version, request })) as { predictions: number[] },
    close,
  }
}
