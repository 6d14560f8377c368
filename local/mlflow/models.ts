import { join } from 'node:path'
import { startJsonProcess } from '../cloud/json-process.ts'
import type { LocalMlflow } from './server.ts'

export interface Registered {
  readonly version: string
  /** As the registry keeps it: `models:/m-…`. */
  readonly source: string
  /** Address of the artifacts. */
  readonly artifacts: string
}

export interface NewModel {
  /** Absent: `good`. A broken one fails when it is loaded, or asked; a slow one takes `seconds` for an answer. */
  readonly kind?: 'good' | 'broken-load' | 'broken-predict' | 'slow'
  /** What it answers for each row. Default: 1. */
  readonly value?: number
  readonly seconds?: number
  readonly tags?: Readonly<Record<string, string>>
}

/** A data scientist with MLflow's own client: everything goes through the server, so that its webhooks fire. */
export interface Models {
  /** Logs a model and registers it. */
  register(name: string, given?: NewModel): Promise<Registered>
  /** A version of what lies at `source` already. */
  version(name: string, source: string, tags?: Readonly<Record<string, string>>): Promise<Registered>
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
  const tell = async (command: object): Promise<void> => void (await ask(command))
  return {
    register: async (name, given) => (await ask({ do: 'register', name, ...given })) as Registered,
    version: async (name, source, tags) => (await ask({ do: 'version', name, source, tags })) as Registered,
    alias: (name, alias, version) => tell({ do: 'alias', name, alias, version }),
    unalias: (name, alias) => tell({ do: 'unalias', name, alias }),
    stage: (name, version, stage, archive = false) => tell({ do: 'stage', name, version, stage, archive }),
    tag: (name, version, key, value) => tell({ do: 'tag', name, version, key, value }),
    tags: async (name, version) => (await ask({ do: 'tags', name, version })) as Readonly<Record<string, string>>,
    delete: (name, version) => tell({ do: 'delete', name, version }),
    deleteModel: (name) => tell({ do: 'delete_model', name }),
    close,
  }
}
