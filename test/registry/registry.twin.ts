import { Refused } from '../../src/core/refused.ts'
import { type Location, locationUri } from '../../src/lake/lake.ts'
import type { Registry, Version } from '../../src/registry/ports.ts'
import { fitTag, mlflowTags } from '../../src/registry/tags.ts'

/** What users do in a registry: in its web pages, from a notebook or from a pipeline. */
export interface RegistryHands<Done = void | Promise<void>> {
  /** Makes a new version and returns its number. */
  register(registered: string, given?: NewVersion): string | Promise<string>
  alias(registered: string, alias: string, version: string): Done
  unalias(registered: string, alias: string): Done
  /** `archive`: the versions in the stage move to `Archived`. */
  stage(registered: string, version: string, stage: string, archive?: boolean): Done
  mark(registered: string, version: string, key: string, value: string): Done
  /** Deletes a version; its aliases go with it. */
  remove(registered: string, version: string): Done
  /** Deletes the model: a new one of this name starts with version 1. */
  removeModel(registered: string): Done
}

interface NewVersion {
  /** Absent: a new folder under the registry's `artifacts`. */
  readonly artifacts?: Location | 'none'
  readonly status?: Version['status']
  readonly tags?: Readonly<Record<string, string>>
}

/** A registry in memory. */
interface RegistryTwin extends Registry, RegistryHands<void> {
  register(registered: string, given?: NewVersion): string
  settle(registered: string, version: string, status: Version['status']): void
  /** The calls of `tag` for existing versions, in order. */
  readonly tagged: Tagged[]
  /** The tags of a version; `undefined` if there is no such version. */
  tags(registered: string, version: string): Readonly<Record<string, string>> | undefined
  /** Each call first throws the next of these, if there is one. */
  readonly failures: Error[]
  /** Every call throws, as if the registry were unreachable. */
  down: boolean
}

interface Tagged {
  readonly registered: string
  readonly version: string
  readonly tags: Readonly<Record<string, string>>
}

interface Kept {
  source: string
  artifacts: Location | undefined
  status: Version['status']
  stage: string
  readonly tags: Map<string, string>
}

interface KeptModel {
  /** Numbers are not reused. */
  last: number
  readonly versions: Map<string, Kept>
  readonly aliases: Map<string, string>
}

export function registryTwin(artifacts: Location = { bucket: 'models', prefix: 'mlflow' }): RegistryTwin {
  const models = new Map<string, KeptModel>()
  let made = 0
  const modelOf = (registered: string): KeptModel => {
    const model = models.get(registered) ?? { last: 0, versions: new Map(), aliases: new Map() }
    models.set(registered, model)
    return model
  }
  const find = (registered: string, version: string): Kept => {
    const found = models.get(registered)?.versions.get(version)
    if (found === undefined) throw new Error(`${registered} has no version ${version}`)
    return found
  }
  const answer = (): void => {
    const failure = twin.failures.shift()
    if (failure !== undefined) throw failure
    if (twin.down) throw new Error('connect ECONNREFUSED')
  }
  const twin: RegistryTwin = {
    tagged: [],
    failures: [],
    down: false,

    async promoted(registered, promote) {
      answer()
      const model = models.get(registered)
      if (model === undefined) return undefined
      const marked = (kept: Kept): boolean =>
        'stage' in promote
          ? kept.stage === promote.stage
          : 'tag' in promote && kept.tags.get(promote.tag.key) === promote.tag.value
      const version =
        'alias' in promote
          ? model.aliases.get(promote.alias)
          : [...model.versions].findLast(([, kept]) => marked(kept))?.[0]
      const kept = version === undefined ? undefined : model.versions.get(version)
      if (version === undefined || kept === undefined) return undefined
      return { version, source: kept.source, status: kept.status, tags: Object.fromEntries(kept.tags) }
    },

    async artifacts(registered, version) {
      answer()
      const at = models.get(registered)?.versions.get(version)?.artifacts
      if (at !== undefined) return at
      throw new Refused('no-artifacts', `there are no artifacts of ${registered} ${version}`, { subject: registered })
    },

    async tag(registered, version, tags) {
      answer()
      const kept = models.get(registered)?.versions.get(version)
      if (kept === undefined) return 'gone'
      for (const [name, text] of Object.entries(tags)) {
        const { key, value } = fitTag(name, text, mlflowTags)
        kept.tags.set(key, value)
      }
      twin.tagged.push({ registered, version, tags })
      return 'tagged'
    },

    tags(registered, version) {
      const kept = models.get(registered)?.versions.get(version)
      return kept === undefined ? undefined : Object.fromEntries(kept.tags)
    },

    register(registered, given = {}) {
      const model = modelOf(registered)
      model.last += 1
      const id = `m-${(made += 1).toString(16).padStart(32, '0')}`
      const own = { bucket: artifacts.bucket, prefix: `${artifacts.prefix}/1/models/${id}/artifacts` }
      const at = given.artifacts === 'none' ? undefined : (given.artifacts ?? own)
      model.versions.set(String(model.last), {
        source: given.artifacts === undefined ? `models:/${id}` : at === undefined ? '' : locationUri(at),
        artifacts: at,
        status: given.status ?? 'ready',
        stage: 'None',
        tags: new Map(Object.entries(given.tags ?? {})),
      })
      return String(model.last)
    },
    alias(registered, alias, version) {
      find(registered, version)
      modelOf(registered).aliases.set(alias, version)
    },
    unalias: (registered, alias) => void modelOf(registered).aliases.delete(alias),
    stage(registered, version, stage, archive = false) {
      const kept = find(registered, version)
      if (archive)
        for (const each of modelOf(registered).versions.values()) if (each.stage === stage) each.stage = 'Archived'
      kept.stage = stage
    },
    mark: (registered, version, key, value) => void find(registered, version).tags.set(key, value),
    settle(registered, version, status) {
      find(registered, version).status = status
    },
    remove(registered, version) {
      find(registered, version)
      const { versions, aliases } = modelOf(registered)
      versions.delete(version)
      for (const [alias, on] of aliases) if (on === version) aliases.delete(alias)
    },
    removeModel: (registered) => void models.delete(registered),
  }
  return twin
}
