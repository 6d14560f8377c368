import { join } from 'node:path'
import { startJsonProcess } from '../cloud/json-process.ts'
import type { LocalMlflow } from './server.ts'

interface RegisteredVersion {
  readonly version: string
  /** As in the registry: `models:/m-…`. */
  readonly source: string
  /** Address of the artifacts. */
  readonly artifacts: string
}

interface NewModel {
  /** Default: `good`. A broken one fails when it is loaded or when it predicts; a slow one takes `seconds` to predict. */
  readonly kind?: 'good' | 'broken-load' | 'broken-predict' | 'slow'
  /** Its prediction for each row. Default: 1. */
  readonly value?: number
  readonly seconds?: number
  readonly tags?: Readonly<Record<string, string>>
}

/** Works with models as a data scientist does: with MLflow's client, through the server, so that its webhooks fire. */
export interface Models {
  /** Logs a model and registers it. */
  register(name: string, given?: NewModel): Promise<RegisteredVersion>
  /** Registers a version of existing artifacts. */
  version(name: string, source: string, tags?: Readonly<Record<string, string>>): Promise<RegisteredVersion>
  /** Registers a version of a prompt. */
  prompt(name: string, alias?: string): Promise<void>
  alias(name: string, alias: string, version: string): Promise<void>
  unalias(name: string, alias: string): Promise<void>
  stage(name: string, version: string, stage: string, archive?: boolean): Promise<void>
  tag(name: string, version: string, key: string, value: string): Promise<void>
  tags(name: string, version: string): Promise<Readonly<Record<string, string>>>
  delete(name: string, version: string): Promise<void>
  deleteModel(name: string): Promise<void>
  close(): void
}

export async function startModels(mlflow: Pick<LocalMlflow, 'environment'>): Promise<Models> {
  const { ask, close } = await startJsonProcess(join(import.meta.dirname, 'models.py'), [], { ...mlflow.environment })
  const send = async (command: object): Promise<void> => void (await ask(command))
  return {
    register: async (name, given) => (await ask({ do: 'register', name, ...given })) as RegisteredVersion,
    version: async (name, source, tags) => (await ask({ do: 'version', name, source, tags })) as RegisteredVersion,
    prompt: (name, alias) => send({ do: 'prompt', name, alias }),
    alias: (name, alias, version) => send({ do: 'alias', name, alias, version }),
    unalias: (name, alias) => send({ do: 'unalias', name, alias }),
    stage: (name, version, stage, archive = false) => send({ do: 'stage', name, version, stage, archive }),
    tag: (name, version, key, value) => send({ do: 'tag', name, version, key, value }),
    tags: async (name, version) => (await ask({ do: 'tags', name, version })) as Readonly<Record<string, string>>,
    delete: (name, version) => send({ do: 'delete', name, version }),
    deleteModel: (name) => send({ do: 'delete_model', name }),
    close,
  }
}
