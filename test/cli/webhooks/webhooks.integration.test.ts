import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { CloudFormationClient, CreateStackCommand, DeleteStackCommand } from '@aws-sdk/client-cloudformation'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { CreateSecretCommand, GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { main } from '../../../cli/main.ts'
import { type Models, startModels } from '../../../local/mlflow/models.ts'
import { type LocalMlflow, startMlflow } from '../../../local/mlflow/server.ts'
import { s3, secretsmanager } from '../../../src/aws/clients.ts'
import { secretsManager } from '../../../src/aws/secrets.ts'
import { webhookSecrets } from '../../../src/intake/webhook/secrets.ts'
import { resolveLake } from '../../../src/reactions/declaration/resolve.ts'
import type { Wake } from '../../../src/core/reaction.ts'
import { webhookSources } from '../../../src/reactions/webhooks.ts'
import { receive } from '../../../src/intake/webhook/receive.ts'

const clients = { s3: s3(), secrets: secretsmanager(), stacks: new CloudFormationClient() }
const SECRET = 'webhookscli/mlflow'
const environment = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith('AWS_') && value !== undefined ? [[name, value]] : [],
  ),
)

let mlflow: LocalMlflow
let models: Models
let folder: string
let lakeFile: string
let receiver: Server
let url: string
const wakes: Wake[] = []

const lakeYml = (host: string, artifacts = 's3://webhookscli-models/kept') => `lake: webhookscli
buckets: {}
tables: {}
registries:
  main: { mlflow: "${host}", secret: ${SECRET}, artifacts: "${artifacts}" }
models:
  delay:
    registry: main
    promote: { alias: champion }
    endpoint: { name: delay, instance: ml.m5.large }
  cancelled:
    registry: main
    promote: { stage: Production }
    endpoint: { name: cancelled, instance: ml.m5.large }
`

beforeAll(async () => {
  await clients.s3.send(new CreateBucketCommand({ Bucket: 'webhookscli-models' }))
  await putSecret({ note: 'kept' })
  mlflow = await startMlflow({ environment, artifacts: 's3://webhookscli-models/kept', proxied: true })
  models = await startModels(mlflow)
  folder = await mkdtemp(join(tmpdir(), 'landfall-webhooks-'))
  lakeFile = join(folder, 'lake.yml')
  await writeFile(lakeFile, lakeYml(mlflow.host))
  ;({ receiver, url } = await startReceiver())
}, 120_000)

afterAll(async () => {
  models?.close()
  await mlflow?.stop()
  receiver?.close()
  await rm(folder, { recursive: true, force: true })
  for (const client of Object.values(clients)) client.destroy()
})

/** A server that handles deliveries like the deployed function. */
async function startReceiver(): Promise<{ receiver: Server; url: string }> {
  const resolved = resolveLake(lakeYml(mlflow.host), 'lake.yml', 'local')
  if (!('lake' in resolved)) throw new Error(JSON.stringify(resolved.problems))
  const ports = {
    sources: webhookSources(resolved.lake, webhookSecrets(secretsManager(clients.secrets), Date.now), Date.now),
    deliveries: { known: async () => false, remember: async () => {} },
    send: async (_: string, sent: readonly Wake[]) => void wakes.push(...sent),
    note: () => {},
    now: Date.now,
  }
  const receiver = createServer((request, response) => {
    void (async () => {
      const headers = request.headers as Record<string, string>
      response.writeHead(await receive(request.url ?? '', { headers, body: await buffer(request) }, ports)).end()
    })()
  })
  await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve))
  return { receiver, url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}` }
}

async function putSecret(value: object): Promise<void> {
  const SecretString = JSON.stringify(value)
  await clients.secrets
    .send(new CreateSecretCommand({ Name: SECRET, SecretString }))
    .catch(() => clients.secrets.send(new PutSecretValueCommand({ SecretId: SECRET, SecretString })))
}

async function secret(): Promise<{ readonly webhook?: readonly string[]; readonly note?: string }> {
  const { SecretString = '' } = await clients.secrets.send(new GetSecretValueCommand({ SecretId: SECRET }))
  return JSON.parse(SecretString) as { webhook?: string[] }
}

const landfall = (...args: string[]) => landfallAt(['--url', url], ...args)

async function landfallAt(address: readonly string[], ...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []]
  const io = { out: (line: string) => out.push(line), err: (line: string) => err.push(line), width: 100 }
  const code = await main([...args, lakeFile, '--stage', 'local', ...address], io)
  return { code, out: out.join('\n'), err: err.join('\n'), json: () => JSON.parse(out.join('\n')) as unknown }
}

const WEBHOOKS = '/api/2.0/mlflow/webhooks'
interface Webhook {
  readonly webhook_id: string
  readonly url: string
  readonly last_updated_timestamp: number
}

/** A call by another client. */
async function api(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`${mlflow.host}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  })
  return (await answer.json()) as Record<string, unknown>
}
const hooks = async () => ((await api('GET', WEBHOOKS))['webhooks'] ?? []) as Webhook[]
const codesOf = (document: unknown) =>
  (document as { findings: { level: string; code: string }[] }[]).map(({ findings }) =>
    findings.map(({ level, code }) => `${level} ${code}`),
  )

describe('a real MLflow server', () => {
  beforeEach(() => void (wakes.length = 0))

  test('has no webhook at first, which the doctor reports; models are examined all the same', async () => {
    const { code, json } = await landfall('webhooks', 'doctor', '--json')
    expect([code, codesOf(json())]).toEqual([
      1,
      [['problem no-webhook', 'problem no-model', 'note stages-unheard', 'problem no-model']],
    ])
    // Without --url, the advised command would use another address.
    const advice = `Create it: landfall webhooks register main --url ${url} --stage local`
    expect(json()).toMatchObject([{ findings: expect.arrayContaining([expect.objectContaining({ advice })]) }])
  })

  test('gets a webhook once: the second run changes nothing', async () => {
    const first = await landfall('webhooks', 'register', 'main', '--json')
    expect([first.code, first.err]).toEqual([0, ''])
    expect(first.json()).toMatchObject([
      { registry: 'main', url: `${url}/registries/main`, outcome: 'created', madeSecret: true, test: { status: 204 } },
    ])
    expect(await secret()).toEqual({ note: 'kept', webhook: [expect.stringMatching(/^[\w-]{43}$/)] })
    const before = [await hooks(), await secret()]
    const second = await landfall('webhooks', 'register')
    expect([second.code, second.out]).toEqual([0, expect.stringMatching(/webhook \S+ unchanged/)])
    expect([await hooks(), await secret()]).toEqual(before)
  }, 60_000)

  test('then reports a promotion, and the receiver accepts it', async () => {
    const { version } = await models.register('delay')
    await models.alias('delay', 'champion', version)
    for (let i = 0; i < 50 && wakes.length === 0; i++) await sleep(100)
    expect(wakes).toContainEqual({ subject: 'endpoint/delay' })
    const { code, json } = await landfall('webhooks', 'doctor', '--json')
    expect(codesOf(json())).toEqual([
      ['ok webhook', 'ok delivery', 'ok model', 'note stages-unheard', 'problem no-model'],
    ])
    expect(code).toBe(1)
  }, 60_000)

  test('has its webhook repaired when it is disabled, lacks events, or signs with another secret', async () => {
    const [hook] = await hooks()
    const events = [{ entity: 'MODEL_VERSION', action: 'CREATED' }]
    await api('PATCH', `${WEBHOOKS}/${hook?.webhook_id}`, { status: 'DISABLED', events, secret: 'of-somebody-else' })
    const broken = await landfall('webhooks', 'doctor', 'main', '--json')
    expect(codesOf(broken.json())[0]?.slice(0, 2)).toEqual(['problem webhook-differs', 'problem secrets-differ'])
    const { code, json } = await landfall('webhooks', 'register', 'main', '--json')
    expect(code).toBe(0)
    expect(json()).toMatchObject([{ outcome: 'updated', id: hook?.webhook_id, test: { delivered: true } }])
    expect((json() as { why: string[] }[])[0]?.why).toEqual([
      'it is disabled',
      expect.stringContaining('it lacks the events MODEL_VERSION_ALIAS.CREATED'),
      'it signed with another secret',
    ])
  }, 60_000)

  test('has duplicates reported, since names are not unique, and removed with --prune', async () => {
    const events = [{ entity: 'MODEL_VERSION', action: 'CREATED' }]
    const put = (at: string) =>
      api('POST', WEBHOOKS, { name: 'landfall-webhookscli-local', url: at, events, secret: 'x' })
    await put(`${url}/registries/main`)
    await put(`${url}/old`)
    await api('POST', WEBHOOKS, { name: 'theirs', url: `${url}/theirs`, events })
    const found = await landfall('webhooks', 'doctor', '--json')
    expect(codesOf(found.json())[0]).toEqual(
      expect.arrayContaining(['problem duplicate-webhooks', 'problem stray-webhooks']),
    )
    expect((await landfall('webhooks', 'register')).out).toContain('--prune removes them')
    expect(await hooks()).toHaveLength(4)
    await landfall('webhooks', 'register', '--prune')
    expect((await hooks()).map((hook) => hook.url).toSorted()).toEqual([`${url}/registries/main`, `${url}/theirs`])
  }, 60_000)

  test('signs with a new secret after a rotation, and the previous one is still accepted', async () => {
    const [before] = (await secret()).webhook ?? []
    const { code, out } = await landfall('webhooks', 'rotate', 'main')
    expect([code, out]).toEqual([0, expect.stringContaining('it signs with a new secret')])
    const { webhook = [], note } = await secret()
    expect([webhook.length, webhook[1], note]).toEqual([2, before, 'kept'])
    expect(webhook[0]).not.toBe(before)
    expect((await landfall('webhooks', 'doctor')).out).toContain('test event delivered and accepted (204)')
  }, 60_000)

  test('with artifacts elsewhere than lake.yml says is reported before anything is deployed', async () => {
    await writeFile(lakeFile, lakeYml(mlflow.host, 's3://webhookscli-models/elsewhere'))
    const { json } = await landfall('webhooks', 'doctor', '--json')
    expect(codesOf(json())[0]).toContain('problem artifacts-not-there')
    await writeFile(lakeFile, lakeYml(mlflow.host))
  }, 60_000)

  test('delivers to the HTTP API of the deployed stack by default', async () => {
    const nowhere = await landfallAt([], 'webhooks', 'doctor', '--json')
    expect([nowhere.code, codesOf(nowhere.json())[0]?.[0]]).toEqual([1, 'problem not-deployed'])
    const TemplateBody = JSON.stringify({
      Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'webhookscli-of-the-stack' } } },
      Outputs: { HttpApiId: { Value: 'abc123' } },
    })
    await clients.stacks.send(new CreateStackCommand({ StackName: 'landfall-webhookscli-local', TemplateBody }))
    const address = `${process.env['AWS_ENDPOINT_URL']}/_aws/execute-api/abc123/$default/registries/main`
    const found = await landfallAt([], 'webhooks', 'doctor', '--json')
    expect(JSON.stringify(found.json())).toContain(`no webhook delivers to ${address}`)
    await clients.stacks.send(new DeleteStackCommand({ StackName: 'landfall-webhookscli-local' }))
  }, 60_000)

  test('that is down is reported once', async () => {
    await writeFile(lakeFile, lakeYml('http://127.0.0.1:9'))
    const { code, out } = await landfall('webhooks', 'doctor')
    expect(code).toBe(1)
    expect(out.match(/PROBLEM/g)).toHaveLength(1)
    expect(out).toContain('does not answer')
    const registered = await landfall('webhooks', 'register')
    expect([registered.code, registered.err]).toEqual([
      2,
      expect.stringMatching(/registry main does not answer\n {2}Find the cause: landfall webhooks doctor main /),
    ])
    await writeFile(lakeFile, lakeYml(mlflow.host))
  })
})

test('a server without a fixed encryption key cannot read its webhooks after a restart, which is reported', async () => {
  const keyless = await startMlflow({ environment, artifacts: 's3://webhookscli-models/kept', webhookKey: 'none' })
  try {
    await writeFile(lakeFile, lakeYml(keyless.host))
    expect((await landfall('webhooks', 'register')).code).toBe(0)
    await keyless.restart()
    const { json } = await landfall('webhooks', 'doctor', '--json')
    expect(codesOf(json())[0]?.[0]).toBe('problem no-encryption-key')
    const { code, err } = await landfall('webhooks', 'register')
    expect([code, err]).toEqual([1, expect.stringContaining('landfall webhooks doctor main')])
  } finally {
    await keyless.stop()
    await writeFile(lakeFile, lakeYml(mlflow.host))
  }
}, 120_000)
