import { randomUUID } from 'node:crypto'
import { ApiError, invalid } from './errors.ts'

export interface ModelVersion {
  readonly name: string
  readonly version: string
  readonly source: string
  /** Where the registry keeps its copy of the artifacts. */
  readonly location: string
  status: 'PENDING_REGISTRATION' | 'READY' | 'FAILED_REGISTRATION'
  stage: string
  readonly tags: Map<string, string>
}

interface RegisteredModel {
  last: number
  readonly versions: Map<string, ModelVersion>
  readonly aliases: Map<string, string>
}

const STAGES = ['None', 'Staging', 'Production', 'Archived']

/** Registered models, in memory. */
export class ModelRegistry {
  readonly #models = new Map<string, RegisteredModel>()
  readonly #locate: (name: string) => string

  /** @param locate chooses where the artifacts of a new version are kept */
  constructor(locate: (name: string) => string) {
    this.#locate = locate
  }

  create(name: string): void {
    if (this.#models.has(name))
      throw new ApiError(400, 'RESOURCE_ALREADY_EXISTS', `Registered Model (name=${name}) already exists.`)
    this.#models.set(name, { last: 0, versions: new Map(), aliases: new Map() })
  }

  /** @throws {ApiError} 404 */
  versions(name: string): readonly ModelVersion[] {
    return [...this.#model(name).versions.values()]
  }

  /** @throws {ApiError} 404 */
  version(name: string, version: string): ModelVersion {
    return this.#model(name).versions.get(version) ?? absent(`Model version (name=${name}, version=${version})`)
  }

  createVersion(name: string, source: string, status: ModelVersion['status']): ModelVersion {
    const model = this.#model(name)
    model.last += 1
    const version = String(model.last)
    const made = { name, version, source, location: this.#locate(name), status, stage: 'None', tags: new Map() }
    model.versions.set(version, made)
    return made
  }

  /** `archive`: other versions leave the stage. */
  transition(name: string, version: string, stage: string, archive: boolean): ModelVersion {
    if (!STAGES.includes(stage)) throw invalid(`Invalid stage ${stage}: it is one of ${STAGES.join(', ')}.`)
    const moved = this.version(name, version)
    if (archive) for (const each of this.versions(name)) if (each.stage === stage) each.stage = 'Archived'
    moved.stage = stage
    return moved
  }

  /** The newest version of each stage. */
  latest(name: string, stages: readonly string[]): ModelVersion[] {
    return stages
      .map((stage) => this.versions(name).findLast((each) => each.stage === stage))
      .filter((each) => each !== undefined)
  }

  setAlias(name: string, alias: string, version: string): void {
    this.version(name, version)
    this.#model(name).aliases.set(alias, version)
  }

  deleteAlias(name: string, alias: string): void {
    this.#model(name).aliases.delete(alias)
  }

  /** @throws {ApiError} 404 */
  byAlias(name: string, alias: string): ModelVersion {
    const version = this.#model(name).aliases.get(alias)
    return version === undefined ? absent(`Alias ${alias} of ${name}`) : this.version(name, version)
  }

  aliasesOf(name: string, version: string): string[] {
    return [...this.#model(name).aliases].filter(([, on]) => on === version).map(([alias]) => alias)
  }

  deleteVersion(name: string, version: string): void {
    this.version(name, version)
    const { versions, aliases } = this.#model(name)
    versions.delete(version)
    for (const [alias, on] of aliases) if (on === version) aliases.delete(alias)
  }

  delete(name: string): void {
    this.#model(name)
    this.#models.delete(name)
  }

  /** A model that does not exist has no versions. */
  search(name: string): readonly ModelVersion[] {
    return this.#models.has(name) ? this.versions(name) : []
  }

  #model(name: string): RegisteredModel {
    return this.#models.get(name) ?? absent(`Registered Model (name=${name})`)
  }
}

/** The workspace's own registry copies artifacts into its file system, which nothing outside can read. */
export const workspaceRegistry = (): ModelRegistry =>
  new ModelRegistry((name) => `dbfs:/databricks/mlflow-registry/${randomUUID().replaceAll('-', '')}/models/${name}`)

/** Unity Catalog copies them into the managed storage of the catalog. */
export const unityRegistry = (storage: string): ModelRegistry => {
  const models = new Map<string, string>()
  return new ModelRegistry((name) => {
    const id = models.get(name) ?? randomUUID()
    models.set(name, id)
    return `${storage}/models/${id}/versions/${randomUUID()}`
  })
}

function absent(what: string): never {
  throw new ApiError(404, 'RESOURCE_DOES_NOT_EXIST', `${what} does not exist.`)
}
