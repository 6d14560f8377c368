import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type LocalDatabricks, startDatabricks } from '../../local/databricks/server.ts'
import { httpClient } from '../../src/http/http.ts'
import { registry } from '../../src/registry/client.ts'
import type { Location } from '../../src/lake/lake.ts'
import type { DatabricksRegistry } from '../../src/registry/settings.ts'
import type { Registry } from '../../src/registry/ports.ts'
import { mlflowTraits, testRegistry } from './registry.suite.ts'
import type { RegistryHands } from './registry.twin.ts'
import { secretsTwin } from '../core/secrets.twin.ts'

const artifacts: Location = { bucket: 'models', prefix: 'mlflow' }
const storage: Location = { bucket: 'unity', prefix: 'metastore' }
const champion = { alias: 'champion' }
let workspace: LocalDatabricks

beforeAll(async () => {
  workspace = await startDatabricks({ environment: {}, tokens: ['hands'], unityStorage: 's3://unity/metastore' })
})
afterAll(() => workspace.stop())

function client(kind: DatabricksRegistry['kind'], at: Location): Registry {
  const { clientId: client_id, clientSecret: client_secret } = workspace
  const secrets = secretsTwin({ databricks: JSON.stringify({ client_id, client_secret }) })
  const settings = { kind, host: workspace.host, secret: 'databricks', artifacts: at }
  const aws = { accessKeyId: '', secretAccessKey: '' }
  return registry(settings, { secrets, http: httpClient({ tries: 1 }), now: Date.now, aws })
}

type Answer = Readonly<Record<string, Readonly<Record<string, unknown>>>>
async function api(method: string, path: string, given: Readonly<Record<string, unknown>>): Promise<Answer> {
  const query = method === 'GET' ? `?${new URLSearchParams(given as Record<string, string>).toString()}` : ''
  const answer = await fetch(`${workspace.host}/api/2.0/mlflow/${path}${query}`, {
    method,
    headers: { authorization: 'Bearer hands' },
    ...(method !== 'GET' && { body: JSON.stringify(given) }),
  })
  const body = (await answer.json()) as Answer
  if (!answer.ok && !JSON.stringify(body).includes('RESOURCE_ALREADY_EXISTS')) throw new Error(JSON.stringify(body))
  return body
}

let made = 0
const hands = (base: string): RegistryHands<Promise<void>> => ({
  async register(name) {
    made += 1
    await api('POST', `${base}registered-models/create`, { name })
    const source = `s3://models/mlflow/${made}`
    const { model_version } = await api('POST', `${base}model-versions/create`, { name, source })
    const version = String(model_version?.['version'])
    if (base !== '') await api('POST', `${base}model-versions/finalize`, { name, version })
    return version
  },
  alias: async (name, alias, version) =>
    void (await api('POST', `${base}registered-models/alias`, { name, alias, version })),
  unalias: async (name, alias) => void (await api('DELETE', `${base}registered-models/alias`, { name, alias })),
  stage: async (name, version, stage, archive_existing_versions = false) =>
    void (await api('POST', 'model-versions/transition-stage', { name, version, stage, archive_existing_versions })),
  mark: async (name, version, key, value) =>
    void (await api('POST', `${base}model-versions/set-tag`, { name, version, key, value })),
  remove: async (name, version) => void (await api('DELETE', `${base}model-versions/delete`, { name, version })),
  removeModel: async (name) => void (await api('DELETE', `${base}registered-models/delete`, { name })),
})

async function tags(base: string, name: string, version: string): Promise<Record<string, string>> {
  const { model_version } = await api('GET', `${base}model-versions/get`, { name, version })
  const found = (model_version?.['tags'] ?? []) as { readonly key: string; readonly value: string }[]
  return Object.fromEntries(found.map(({ key, value }) => [key, value]))
}

describe("a Databricks workspace's registry", () => {
  testRegistry(
    () => ({
      registry: client('databricks', artifacts),
      hands: hands(''),
      artifacts,
      tags: (name, version) => tags('', name, version),
    }),
    { ...mlflowTraits, marks: ['stage', 'tag'] },
  )

  test('has no aliases: promotion by alias is refused', async () => {
    await expect(client('databricks', artifacts).promoted('x', champion)).rejects.toMatchObject({
      code: 'unknown-mark',
      detail: { expected: 'stage or tag', found: 'alias' },
    })
  })

  test('copies artifacts to storage of its own: a model that was not logged to S3 is refused', async () => {
    await api('POST', 'registered-models/create', { name: 'inside' })
    await api('POST', 'model-versions/create', { name: 'inside', source: 'dbfs:/databricks/mlflow-tracking/1/model' })
    await expect(client('databricks', artifacts).artifacts('inside', '1')).rejects.toMatchObject({
      code: 'artifacts-elsewhere',
      detail: { found: expect.stringMatching(/^dbfs:/), advice: expect.stringContaining('Unity Catalog') },
    })
  })
})

describe('Unity Catalog', () => {
  const base = 'unity-catalog/'
  testRegistry(
    () => ({
      registry: client('unity-catalog', storage),
      hands: hands(base),
      artifacts: storage,
      tags: (name, version) => tags(base, name, version),
    }),
    {
      marks: ['alias', 'tag'],
      names: ['main.models.delay', 'main.models.a model', "main.models.the carrier's"],
      name: (plain) => `main.models.${plain}`,
      status: 'landfall_delay_status',
    },
  )

  test('stores tags under keys that it allows', async () => {
    const name = 'main.models.keys'
    const version = await hands(base).register(name)
    await client('unity-catalog', storage).tag(name, version, { 'landfall.delay-2.at': '2026-11-22T00:00:00Z' })
    expect(await tags(base, name, version)).toEqual({ landfall_delay_2_at: '2026-11-22T00:00:00Z' })
  })

  test('reports a version that is still being written as pending', async () => {
    const name = 'main.models.pending'
    await api('POST', `${base}registered-models/create`, { name })
    await api('POST', `${base}model-versions/create`, { name, source: 's3://somewhere' })
    await hands(base).alias(name, 'champion', '1')
    expect(await client('unity-catalog', storage).promoted(name, champion)).toMatchObject({ status: 'pending' })
  })

  test('has no stages, and a missing catalog has no models', async () => {
    const unity = client('unity-catalog', storage)
    await expect(unity.promoted('main.models.x', { stage: 'Production' })).rejects.toMatchObject({
      code: 'unknown-mark',
      detail: { expected: 'alias or tag' },
    })
    expect(await unity.promoted('none.models.x', champion)).toBeUndefined()
  })

  test('is searched for a tag only up to a limit, then refused with advice', async () => {
    const name = 'main.models.many'
    for (let i = 0; i < 102; i += 1) await hands(base).register(name)
    const unity = client('unity-catalog', storage)
    const tag = { key: 'gate', value: 'passed' }
    await expect(unity.promoted(name, { tag })).rejects.toMatchObject({ code: 'too-many-versions' })
    await hands(base).mark(name, '3', tag.key, tag.value)
    expect(await unity.promoted(name, { tag })).toMatchObject({ version: '3' })
  })
})
