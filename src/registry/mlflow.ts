import * as z from 'zod/mini'
import { Refused } from '../core/refused.ts'
import type { Location } from '../lake/lake.ts'
import type { Promote } from './settings.ts'
import { versionFilter } from './search-filter.ts'
import { artifactLocation } from './artifact-location.ts'
import type { Registry, Version } from './ports.ts'
import { fitTag, type TagRules } from './tags.ts'
import { allPages } from './pagination.ts'
import { ask, type RegistryApi } from './rest-api.ts'

/** How registries with MLflow's REST API differ. */
export interface MlflowDialect {
  /** The path before `/registered-models/…` and `/model-versions/…`. */
  readonly path: string
  readonly tags: TagRules
  /** The kinds of marks that it knows. */
  readonly marks: readonly ('alias' | 'stage' | 'tag')[]
  /** Whether a search can filter by tag, can filter only by name, or returns versions without their tags. */
  readonly search: 'by-tag' | 'by-name' | 'without-tags'
  /** It copies artifacts to storage that only Databricks can read; their source may be on S3. */
  readonly copies?: true
  /** Its prompts are registered models with a tag. */
  readonly prompts?: true
}

const text = z.optional(z.string())
const version = z.object({
  name: z.string(),
  // An int64, as text or as a number. It becomes part of resource names, so nothing but digits is let through.
  version: z.pipe(
    z.pipe(z.union([z.string(), z.number()]), z.transform(String)),
    z.string().check(z.regex(/^\d{1,19}$/)),
  ),
  source: text,
  storage_location: text,
  status: z.string(),
  // Absent if there are none.
  tags: z.optional(z.array(z.object({ key: z.string(), value: text }))),
})
type FoundVersion = z.infer<typeof version>
type Tag = Extract<Promote, { readonly tag: unknown }>['tag']

const one = z.object({ model_version: version })
const named = z.object({ registered_model: z.object({ tags: version.shape.tags }) })
const several = z.object({ model_versions: z.optional(z.array(version)), next_page_token: text })
const address = z.object({ artifact_uri: text })

const PAGE = 500
/** How many versions are read one by one for their tags. */
const MAX_READS = 100

/** A registry with MLflow's REST API 2.0. */
export function mlflowRegistry(api: RegistryApi, artifacts: Location, dialect: MlflowDialect): Registry {
  return {
    async promoted(registered, promote) {
      if (!dialect.marks.some((mark) => mark in promote)) throw unknownMark(api.host, promote, dialect)
      const found = await find(api, dialect, registered, promote)
      const isPrompt = found === undefined ? await isNamePrompt(api, dialect, registered) : hasPromptTag(found)
      if (isPrompt) throw promptNotModel(registered)
      return found === undefined ? undefined : toVersion(found)
    },

    async artifacts(registered, number) {
      const versions = `${dialect.path}/model-versions`
      const given = { name: registered, version: number }
      const uri =
        (await ask(api, registered, address, 'GET', `${versions}/get-download-uri`, given))?.artifact_uri ?? ''
      if (uri === '') throw noArtifacts(registered, number)
      if (dialect.copies === undefined || !uri.startsWith('dbfs:')) return artifactLocation(uri, artifacts)
      const source = (await ask(api, registered, one, 'GET', `${versions}/get`, given))?.model_version.source ?? ''
      return artifactLocation(source.startsWith('s3:') ? source : uri, artifacts)
    },

    async tag(registered, number, tags) {
      const path = `${dialect.path}/model-versions/set-tag`
      // One after the other: a reader sees them appear in this order.
      for (const [name, value] of Object.entries(tags)) {
        const given = { name: registered, version: number, ...fitTag(name, value, dialect.tags) }
        if ((await ask(api, registered, z.object({}), 'POST', path, given)) === undefined) return 'gone'
      }
      return 'tagged'
    },
  }
}

async function find(
  api: RegistryApi,
  dialect: MlflowDialect,
  registered: string,
  promote: Promote,
): Promise<FoundVersion | undefined> {
  if ('tag' in promote) return byTag(api, dialect, registered, promote.tag)
  const models = `${dialect.path}/registered-models`
  if ('alias' in promote) {
    const given = { name: registered, alias: promote.alias }
    return (await ask(api, registered, one, 'GET', `${models}/alias`, given))?.model_version
  }
  const given = { name: registered, stages: [promote.stage] }
  const latest = await ask(api, registered, several, 'POST', `${models}/get-latest-versions`, given)
  return newestFirst(latest?.model_versions ?? [])[0]
}

async function byTag(
  api: RegistryApi,
  dialect: MlflowDialect,
  registered: string,
  tag: Tag,
): Promise<FoundVersion | undefined> {
  const narrow = dialect.search === 'by-tag' ? versionFilter(registered, tag) : undefined
  const filter = narrow ?? versionFilter(registered)
  if (filter === undefined) throw unsearchable(registered)
  const has = ({ tags = [] }: FoundVersion): boolean =>
    tags.some(({ key, value = '' }) => key === tag.key && value === tag.value)
  const found = newestFirst(await search(api, dialect, registered, filter))
  if (dialect.search !== 'without-tags') return found.find(has)
  const path = `${dialect.path}/model-versions/get`
  for (const { version: number } of found.slice(0, MAX_READS)) {
    const got = await ask(api, registered, one, 'GET', path, { name: registered, version: number })
    if (got !== undefined && has(got.model_version)) return got.model_version
  }
  if (found.length > MAX_READS) throw tooMany(registered, found.length)
  return undefined
}

async function search(
  api: RegistryApi,
  dialect: MlflowDialect,
  registered: string,
  filter: string,
): Promise<FoundVersion[]> {
  const path = `${dialect.path}/model-versions/search`
  return allPages(`the versions of ${registered}`, async (token) => {
    const given = { filter, max_results: PAGE, page_token: token }
    const page = await ask(api, registered, several, 'GET', path, given)
    // A case-insensitive database finds more.
    const items = (page?.model_versions ?? []).filter(({ name }) => name === registered)
    return { items, next: page?.next_page_token }
  })
}

/**
 * MLflow's prompts are registered models with this tag, and so are their versions (`IS_PROMPT_TAG_KEY` of MLflow 3.17). They
 * have aliases; searches leave them out.
 */
function hasPromptTag({ tags = [] }: Pick<FoundVersion, 'tags'>): boolean {
  return tags.some(({ key, value = '' }) => key === 'mlflow.prompt.is_prompt' && value.toLowerCase() === 'true')
}

/** Whether a prompt has the name of a model without a promoted version. If that cannot be known, nothing is promoted. */
async function isNamePrompt(api: RegistryApi, dialect: MlflowDialect, registered: string): Promise<boolean> {
  if (dialect.prompts === undefined) return false
  const path = `${dialect.path}/registered-models/get`
  const found = await ask(api, registered, named, 'GET', path, { name: registered }).catch(() => undefined)
  return found !== undefined && hasPromptTag(found.registered_model)
}

function newestFirst(found: readonly FoundVersion[]): FoundVersion[] {
  return found.toSorted((a, b) => Number(b.version) - Number(a.version))
}

const statuses = new Map<string, Version['status']>([
  ['READY', 'ready'],
  ['FAILED_REGISTRATION', 'failed'],
])

function toVersion({ version: number, source, storage_location, status, tags = [] }: FoundVersion): Version {
  return {
    version: number,
    source: source ?? storage_location ?? '',
    status: statuses.get(status) ?? 'pending',
    tags: Object.fromEntries(tags.map(({ key, value = '' }) => [key, value])),
  }
}

function noArtifacts(registered: string, number: string): Refused {
  return new Refused('no-artifacts', `the registry has no artifacts for ${registered} version ${number}`, {
    subject: registered,
    found: `version ${number}`,
    advice: 'Promote a version that exists and has a logged model.',
  })
}

function promptNotModel(registered: string): Refused {
  return new Refused('prompt-not-model', `${registered} is a prompt in this registry, not a model`, {
    subject: registered,
    expected: 'a registered model',
    found: 'a prompt',
    advice:
      "Set the model's `model` in lake.yml to the name of a registered model, or register the model under another name than the prompt's.",
  })
}

function unknownMark(host: string, promote: Promote, { marks }: MlflowDialect): Refused {
  const found = Object.keys(promote).join()
  return new Refused('unknown-mark', `the registry at ${host} does not support promotion by ${found}`, {
    subject: 'promote',
    expected: marks.join(' or '),
    found,
    advice: `Promote by ${marks.join(' or ')} in lake.yml.`,
  })
}

function unsearchable(registered: string): Refused {
  return new Refused('unsearchable-name', `MLflow's search cannot express the name ${registered}`, {
    subject: registered,
    expected: 'at most one kind of quotes, and no backslash at the end',
    advice: 'Promote by alias or stage, or rename the model.',
  })
}

function tooMany(registered: string, count: number): Refused {
  const found = `${count} versions, and none of the newest ${MAX_READS} has the tag`
  return new Refused('too-many-versions', `${registered} has ${found}`, {
    subject: registered,
    found,
    advice: 'Promote by alias: Unity Catalog cannot search by tag, so each version is one call.',
  })
}
