import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import { CreateBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Models, startModels } from '../../local/mlflow/models.ts'
import { type LocalMlflow, startMlflow } from '../../local/mlflow/server.ts'
import { s3 } from '../../src/aws/clients.ts'
import { httpClient, Unavailable } from '../../src/http/http.ts'
import { registry, registryApi } from '../../src/registry/client.ts'
import { mlflowWebhooks } from '../../src/registry/webhook-admin-mlflow.ts'
import type { Location } from '../../src/lake/lake.ts'
import type { MlflowRegistry } from '../../src/registry/settings.ts'
import type { Registry } from '../../src/registry/ports.ts'
import { mlflowTraits, testRegistry } from './registry.suite.ts'
import type { RegistryHands } from './registry.twin.ts'
import { secretsTwin } from '../core/secrets.twin.ts'

const artifacts: Location = { bucket: 'mlflow-test', prefix: 'kept/here' }
const bucket = s3()
const environment = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith('AWS_') && value !== undefined ? [[name, value]] : [],
  ),
)
const champion = { alias: 'champion' }

interface User {
  readonly username: string
  readonly password: string
}
const admin: User = { username: 'admin', password: 'secret-of-the-admin' }
/** Has exactly the permissions that Landfall needs: to read, and to tag versions. Basic auth is in UTF-8. */
const landfall: User = { username: 'landfall', password: 'geheim:mit-Umläuten' }
/** May read, as every user may by default. */
const reader: User = { username: 'reader', password: 'secret-of-a-reader' }

let mlflow: LocalMlflow
let models: Models

beforeAll(async () => {
  await bucket.send(new CreateBucketCommand({ Bucket: artifacts.bucket }))
  mlflow = await startMlflow({ environment, artifacts: 's3://mlflow-test/kept/here', proxied: true, admin })
  for (const user of [landfall, reader]) await asAdmin('2.0/mlflow/users/create', user)
  const { role } = await asAdmin('3.0/mlflow/roles/create', { workspace: 'default', name: 'deploys' })
  const edits = { resource_type: 'registered_model', resource_pattern: '*', permission: 'EDIT' }
  await asAdmin('3.0/mlflow/roles/permissions/add', { role_id: role?.id, ...edits })
  await asAdmin('3.0/mlflow/roles/assign', { role_id: role?.id, username: landfall.username })
  models = await startModels(mlflow)
}, 120_000)

afterAll(async () => {
  models?.close()
  await mlflow?.stop()
  bucket.destroy()
})

type Made = { readonly role?: { readonly id: number } }
async function asAdmin(path: string, body: object, method: 'POST' | 'PATCH' = 'POST'): Promise<Made> {
  const authorization = `Basic ${Buffer.from(`${admin.username}:${admin.password}`).toString('base64')}`
  const answer = await fetch(`${mlflow.host}/api/${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return JSON.parse((await answer.text()) || '{}') as Made
}

/** Landfall's secret, and the options of its client. */
function credentials(user: object = landfall, patience: Parameters<typeof httpClient>[0] = {}) {
  const secrets = secretsTwin({ mlflow: JSON.stringify({ ...user, webhook: ['current'] }) })
  const settings: MlflowRegistry = { kind: 'mlflow', host: mlflow.host, secret: 'mlflow', artifacts }
  const aws = { accessKeyId: '', secretAccessKey: '' }
  return { settings, secrets, options: { secrets, http: httpClient(patience), now: Date.now, aws } }
}

function client(user: object = landfall, patience: Parameters<typeof httpClient>[0] = {}): Registry {
  const { settings, options } = credentials(user, patience)
  return registry(settings, options)
}

let made = 0
const hands: RegistryHands = {
  // The artifacts are never read, and logging a real model would take ten times as long.
  register: async (name) => {
    made += 1
    return (await models.version(name, `s3://mlflow-test/kept/here/${made}`)).version
  },
  alias: (name, alias, version) => models.alias(name, alias, version),
  unalias: (name, alias) => models.unalias(name, alias),
  stage: (name, version, stage, archive) => models.stage(name, version, stage, archive),
  mark: (name, version, key, value) => models.tag(name, version, key, value),
  remove: (name, version) => models.delete(name, version),
  removeModel: (name) => models.deleteModel(name),
}

describe('an MLflow server with basic auth', () => {
  testRegistry(
    () => ({ registry: client(), hands, artifacts, tags: (name, version) => models.tags(name, version) }),
    mlflowTraits,
  )
})

test.each([
  ['no user', {}],
  ['an unknown user', { ...landfall, username: 'nobody' }],
  ['a wrong password', { ...landfall, password: 'guessed' }],
])('%s is refused with advice, without a word of the secret', async (_who, user) => {
  const refused: unknown = await client(user)
    .promoted('any', champion)
    .catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'unauthorized', detail: { advice: expect.stringContaining('"username"') } })
  expect(JSON.stringify(refused)).not.toContain('guessed')
})

test('a changed password is read again at once', async () => {
  const { settings, secrets, options } = credentials()
  const asking = registry(settings, options)
  const { version } = await models.register('rotated')
  await models.alias('rotated', 'champion', version)
  expect(await asking.promoted('rotated', champion)).toMatchObject({ version })
  const changed = { ...landfall, password: 'another-password' }
  const change = (user: User) => asAdmin('2.0/mlflow/users/update-password', user, 'PATCH')
  await change(changed)
  secrets.values.set('mlflow', JSON.stringify(changed))
  expect(await asking.promoted('rotated', champion)).toMatchObject({ version })
  await change(landfall)
})

test('a user who may only read finds the promoted version, and is refused a tag with advice', async () => {
  const { version } = await models.register('read')
  await models.alias('read', 'champion', version)
  const reading = client(reader)
  expect(await reading.promoted('read', champion)).toMatchObject({ version })
  expect(await reading.promoted('not-there', champion)).toBeUndefined()
  await expect(reading.tag('read', version, { 'landfall.x.status': 'deployed' })).rejects.toMatchObject({
    code: 'permission-denied',
    detail: { advice: expect.stringContaining('EDIT') },
  })
})

test('only an admin may manage webhooks', async () => {
  const asked = (user: User) => {
    const { settings, options } = credentials(user)
    return mlflowWebhooks(registryApi(settings, options)).list()
  }
  await expect(asked(landfall)).rejects.toMatchObject({ name: 'CallFailed', status: 403 })
  expect(await asked(admin)).toEqual([])
})

test('artifacts uploaded through the server are found at the mapped location', async () => {
  const { version, artifacts: address } = await models.register('proxied')
  expect(address).toMatch(/^mlflow-artifacts:/)
  const found = await client().artifacts('proxied', version)
  const { Contents = [] } = await bucket.send(
    new ListObjectsV2Command({ Bucket: found.bucket, Prefix: `${found.prefix}/` }),
  )
  expect(Contents.map(({ Key }) => Key)).toContain(`${found.prefix}/MLmodel`)
})

test.each([
  ['s3://mlflow-test/elsewhere/model', 'Correct the registry'],
  ['s3://other/kept/here/model', 'Correct the registry'],
  ['dbfs:/model', 'SageMaker reads only S3'],
  ['s3://mlflow-test/kept/here//model', 'plain path'],
])('a version of %s is refused with advice', async (source, advice) => {
  const { version } = await models.version('elsewhere', source)
  await expect(client().artifacts('elsewhere', version)).rejects.toMatchObject({
    code: 'artifacts-elsewhere',
    message: expect.stringContaining(source),
    detail: {
      expected: expect.stringContaining('s3://mlflow-test/kept/here/'),
      advice: expect.stringContaining(advice),
    },
  })
})

test('a copy of a version has the location of its source', async () => {
  const { version } = await models.register('original')
  const copied = await models.version('copied', `models:/original/${version}`)
  expect(await client().artifacts('copied', copied.version)).toEqual(await client().artifacts('original', version))
})

test('marks that MLflow cannot have are refused, not treated as missing', async () => {
  await models.register('odd')
  for (const promote of [{ alias: 'not an alias!' }, { stage: 'Live' }])
    await expect(client().promoted('odd', promote)).rejects.toMatchObject({ code: 'registry-refused' })
  await expect(client().promoted('a/b', champion)).rejects.toMatchObject({ code: 'registry-refused' })
  const both = { tag: { key: 'k', value: 'v' } }
  await expect(client().promoted(`"it's"`, both)).rejects.toMatchObject({ code: 'unsearchable-name' })
})

test.each([
  ['promoted by the same alias', true, champion],
  ['without that alias', false, champion],
  ['of which no stage can tell', false, { stage: 'Production' }],
  ['of which no search can tell', false, { tag: { key: 'mlflow.prompt.is_prompt', value: 'true' } }],
])('a prompt of the model’s name, %s, is called a prompt', async (what, isPromoted, promote) => {
  const name = `prompt-${what.replaceAll(' ', '-')}`
  await models.prompt(name, isPromoted ? 'champion' : undefined)
  await expect(client().promoted(name, promote)).rejects.toMatchObject({
    code: 'prompt-not-model',
    message: `${name} is a prompt in this registry, not a model`,
    detail: { advice: expect.stringContaining('`model`') },
  })
})

test('a tag is found even if its value has both kinds of quotes', async () => {
  const { version } = await models.register('quoted')
  const tag = { key: 'said', value: `it's "fine" \\` }
  await models.tag('quoted', version, tag.key, tag.value)
  expect(await client().promoted('quoted', { tag })).toMatchObject({ version })
})

test('a server that rejects the host name is refused with the option to start it with', async () => {
  // fetch cannot send another Host header.
  const other = ((url: string) =>
    new Promise((resolve, reject) => {
      get(url, { headers: { host: 'mlflow.example' } }, (answer) => {
        text(answer).then((body) => resolve(new Response(body, { status: answer.statusCode ?? 0 })), reject)
      }).once('error', reject)
    })) as typeof fetch
  await expect(client(landfall, { fetch: other }).promoted('x', champion)).rejects.toMatchObject({
    code: 'host-refused',
    detail: { advice: expect.stringContaining('--allowed-hosts') },
  })
})

test('a server that restarts is waited for', async () => {
  const { version } = await models.register('lasting')
  await models.alias('lasting', 'champion', version)
  await mlflow.kill()
  await expect(client(landfall, { tries: 2 }).promoted('lasting', champion)).rejects.toThrow(Unavailable)
  await mlflow.restart()
  expect(await client().promoted('lasting', champion)).toMatchObject({ version })
})
