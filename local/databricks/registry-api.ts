import { z } from 'zod'
import { invalid } from './errors.ts'
import type { ModelRegistry, ModelVersion } from './registry.ts'
import { parse } from './requests.ts'

interface Registries {
  readonly models: ModelRegistry
  readonly unity: ModelRegistry
}
type Route = (registries: Registries, given: unknown) => object

const name = z.string().min(1)
const version = z.union([z.string(), z.number()]).transform(String)
const model = z.object({ name })
const one = z.object({ name, version })
const newVersion = z.object({ name, source: z.string().min(1), run_id: z.string().optional() })
const aliased = z.object({ name, alias: z.string().min(1) })
const search = z.object({
  filter: z.string(),
  max_results: z.coerce.number().int().min(1).max(10_000).default(100),
  page_token: z.coerce.number().int().nonnegative().default(0),
})
const transition = one.extend({ stage: z.string(), archive_existing_versions: z.boolean().default(false) })

/** Limits: Unity Catalog, "Apply tags"; the workspace's registry, "Set Model Version Tag". */
const unityTag = one.extend({
  key: z
    .string()
    .max(255)
    .regex(/^[^.,\-=/:]+$/, 'none of . , - = / :'),
  value: z.string().max(1000),
})
const workspaceTag = one.extend({
  key: z.string().max(250),
  value: z.string().refine((text) => Buffer.byteLength(text) <= 5000, 'at most 5000 bytes'),
})

/** The workspace's own model registry, MLflow's REST API 2.0: stages, no aliases. */
const workspaceRoutes: Readonly<Record<string, Route>> = {
  'POST /registered-models/create': ({ models }, given) => registered(models, parse(model, given).name),
  'DELETE /registered-models/delete': ({ models }, given) => done(models.delete(parse(model, given).name)),
  'POST /registered-models/get-latest-versions': ({ models }, given) => {
    const { name: of, stages } = parse(z.object({ name, stages: z.array(z.string()) }), given)
    return versions(models.latest(of, stages).map((each) => view(each)))
  },
  'POST /model-versions/create': ({ models }, given) => {
    const { name: of, source } = parse(newVersion, given)
    return { model_version: view(models.createVersion(of, source, 'READY')) }
  },
  'GET /model-versions/get': ({ models }, given) => ({ model_version: view(find(models, given)) }),
  'DELETE /model-versions/delete': ({ models }, given) => remove(models, given),
  'POST /model-versions/transition-stage': ({ models }, given) => {
    const { name: of, version: number, stage, archive_existing_versions: archive } = parse(transition, given)
    return { model_version: view(models.transition(of, number, stage, archive)) }
  },
  'GET /model-versions/get-download-uri': ({ models }, given) => ({ artifact_uri: find(models, given).location }),
  'GET /model-versions/search': ({ models }, given) => page(models, given, (each) => view(each)),
  'POST /model-versions/set-tag': ({ models }, given) => setTag(models, parse(workspaceTag, given)),
}

/** Models in Unity Catalog, as MLflow's client (3.17) calls it: aliases, no stages. A search answers no tags. */
const unityRoutes: Readonly<Record<string, Route>> = {
  'POST /registered-models/create': ({ unity }, given) => {
    const { name: full } = parse(model, given)
    if (full.split('.').length !== 3) throw invalid(`${full} is not CATALOG.SCHEMA.MODEL.`)
    return registered(unity, full)
  },
  'DELETE /registered-models/delete': ({ unity }, given) => done(unity.delete(parse(model, given).name)),
  'GET /registered-models/alias': ({ unity }, given) => {
    const { name: of, alias } = parse(aliased, given)
    return { model_version: unityView(unity, unity.byAlias(of, alias)) }
  },
  'POST /registered-models/alias': ({ unity }, given) => {
    const { name: of, alias, version: number } = parse(aliased.extend({ version }), given)
    return done(unity.setAlias(of, alias, number))
  },
  'DELETE /registered-models/alias': ({ unity }, given) => {
    const { name: of, alias } = parse(aliased, given)
    return done(unity.deleteAlias(of, alias))
  },
  'POST /model-versions/create': ({ unity }, given) => {
    const { name: of, source } = parse(newVersion, given)
    return { model_version: unityView(unity, unity.createVersion(of, source, 'PENDING_REGISTRATION')) }
  },
  'POST /model-versions/finalize': ({ unity }, given) => {
    const found = find(unity, given)
    found.status = 'READY'
    return { model_version: unityView(unity, found) }
  },
  'GET /model-versions/get': ({ unity }, given) => ({ model_version: unityView(unity, find(unity, given)) }),
  'DELETE /model-versions/delete': ({ unity }, given) => remove(unity, given),
  'GET /model-versions/get-download-uri': ({ unity }, given) => ({ artifact_uri: find(unity, given).location }),
  'GET /model-versions/search': ({ unity }, given) =>
    page(unity, given, (each) => {
      const { tags: _, aliases: __, ...rest } = unityView(unity, each)
      return rest
    }),
  'POST /model-versions/set-tag': ({ unity }, given) => setTag(unity, parse(unityTag, given)),
}

const under = (path: string, routes: Readonly<Record<string, Route>>): [string, Route][] =>
  Object.entries(routes).map(([key, route]) => [key.replace(' ', ` /api/2.0/mlflow${path}`), route])

export const registryRoutes: Readonly<Record<string, Route>> = Object.fromEntries([
  ...under('', workspaceRoutes),
  ...under('/unity-catalog', unityRoutes),
])

function registered(registry: ModelRegistry, of: string): object {
  registry.create(of)
  return { registered_model: { name: of } }
}

function find(registry: ModelRegistry, given: unknown): ModelVersion {
  const { name: of, version: number } = parse(one, given)
  return registry.version(of, number)
}

function remove(registry: ModelRegistry, given: unknown): object {
  const { name: of, version: number } = parse(one, given)
  return done(registry.deleteVersion(of, number))
}

function setTag(registry: ModelRegistry, tag: z.infer<typeof workspaceTag>): object {
  registry.version(tag.name, tag.version).tags.set(tag.key, tag.value)
  return {}
}

/** A filter has one condition, on the name. */
function page(registry: ModelRegistry, given: unknown, show: (found: ModelVersion) => object): object {
  const { filter, max_results, page_token } = parse(search, given)
  const [, , of] = /^name\s*=\s*(['"])(.*)\1$/s.exec(filter) ?? []
  if (of === undefined) throw invalid(`The filter ${filter} is not supported: name = '…'.`)
  const found = registry.search(of).toReversed()
  const end = page_token + max_results
  return {
    ...versions(found.slice(page_token, end).map(show)),
    next_page_token: end < found.length ? String(end) : undefined,
  }
}

/** As in protobuf's JSON, empty fields are omitted. */
function versions(found: readonly object[]): object {
  return found.length === 0 ? {} : { model_versions: found }
}

function view({ name: of, version: number, source, status, stage, tags }: ModelVersion): object {
  return { name: of, version: number, current_stage: stage, source, status, ...tagsOf(tags) }
}

function unityView(
  registry: ModelRegistry,
  { name: of, version: number, source, location, status, tags }: ModelVersion,
): Readonly<Record<string, unknown>> {
  const aliases = registry.aliasesOf(of, number).map((alias) => ({ alias, version: number }))
  return {
    name: of,
    version: number,
    source,
    storage_location: location,
    status,
    aliases: aliases.length > 0 ? aliases : undefined,
    ...tagsOf(tags),
  }
}

function tagsOf(tags: ReadonlyMap<string, string>): { readonly tags?: unknown } {
  return tags.size === 0 ? {} : { tags: [...tags].map(([key, value]) => ({ key, value })) }
}

function done(_nothing: void): object {
  return {}
}
