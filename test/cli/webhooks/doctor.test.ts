import { describe, expect, test } from '@jest/globals'
import { diagnoseDelivery } from '../../../cli/webhooks/delivery.ts'
import { diagnoseHooks, LIST_TRIES } from '../../../cli/webhooks/doctor.ts'
import { diagnoseModel } from '../../../cli/webhooks/models.ts'
import { examinedText } from '../../../cli/webhooks/text.ts'
import { Unavailable } from '../../../src/http/http.ts'
import { CallFailed } from '../../../src/registry/webhook-calls.ts'
import { Refused } from '../../../src/core/refused.ts'
import type { RegistrySettings } from '../../../src/registry/settings.ts'
import { artifactsTwin } from '../../reactions/deployment/artifacts.twin.ts'
import { registryTwin } from '../../registry/registry.twin.ts'
import { webhooksTwin } from '../../registry/webhook-admin.twin.ts'
import { modelOf } from '../../world/model-builder.ts'

const artifacts = { bucket: 'models', prefix: 'mlflow' }
const settings: RegistrySettings = { kind: 'mlflow', host: 'https://mlflow.example.com', secret: 's', artifacts }
const url = 'https://api.example.com/registries/main'
const wanted = { name: 'landfall-flights-prod', url, events: ['ALIAS', 'TAG'], ours: [url] }
const failed = (status: number, body?: unknown, text = '') =>
  new CallFailed('GET /api/2.0/mlflow/webhooks', { status, body, text })
const redirected = (location: string) =>
  new CallFailed('GET /api/2.0/mlflow/webhooks', { status: 302, body: undefined, location })

/** A registry with a correct webhook, unless `prepare` changes that. */
async function examined(
  prepare: (twin: ReturnType<typeof webhooksTwin>) => void = () => {},
  hasWebhooks: 'yes' | 'no' | 'unclear' = 'yes',
) {
  const twin = webhooksTwin()
  twin.receiver.set(url, ['s1'])
  twin.put(wanted.name, url, 's1')
  prepare(twin)
  const findings = await diagnoseHooks('main --stage prod', settings, wanted, {
    admin: twin.admin,
    hasWebhooks: async () => hasWebhooks,
  })
  return { findings, codes: findings.map(({ level, code }) => `${level} ${code}`), calls: twin.calls }
}

describe("the doctor, for a registry's webhooks", () => {
  test('finds no problem when a test event is accepted, and changes nothing', async () => {
    const { codes, calls } = await examined()
    expect(codes).toEqual(['ok webhook', 'ok delivery'])
    expect(new Set(calls)).toEqual(new Set(['list', 'test h1']))
  })

  test('advises commands for the same stage, not for the default one', async () => {
    const { findings } = await examined((twin) => {
      twin.hooks.clear()
      for (const each of ['x', 'y']) twin.put(each, url, 'another secret')
      twin.put(wanted.name, `${url}-before`, 's1')
    })
    const commands = findings.flatMap(
      ({ advice }) => /landfall webhooks register .*?( --prune|\.|$)/.exec(advice ?? '')?.[0] ?? [],
    )
    expect(commands).toEqual([
      'landfall webhooks register main --stage prod --prune',
      'landfall webhooks register main --stage prod --prune',
      'landfall webhooks register main --stage prod.',
    ])
  })

  test.each([
    ['there is none', (twin) => twin.hooks.clear(), ['problem no-webhook']],
    [
      'it is disabled',
      (twin) => void twin.hooks.set('h1', { ...twin.hooks.get('h1')!, isActive: false }),
      ['problem webhook-differs', 'ok delivery'],
    ],
    [
      'it lacks events',
      (twin) => void twin.hooks.set('h1', { ...twin.hooks.get('h1')!, events: ['TAG'] }),
      ['problem webhook-differs', 'ok delivery'],
    ],
    [
      'there are two',
      (twin) => void twin.put('x', url, 's1'),
      ['ok webhook', 'problem duplicate-webhooks', 'ok delivery'],
    ],
    [
      'one delivers to a former address',
      (twin) => void twin.put(wanted.name, 'https://old.example.com/registries/main', 's1'),
      ['ok webhook', 'problem stray-webhooks', 'ok delivery'],
    ],
    ['the secrets differ', (twin) => void twin.receiver.set(url, ['s2']), ['ok webhook', 'problem secrets-differ']],
    ['the address is unreachable', (twin) => twin.receiver.clear(), ['ok webhook', 'problem no-delivery']],
  ] as readonly [string, (twin: ReturnType<typeof webhooksTwin>) => void, string[]][])(
    'reports that %s',
    async (_, prepare, codes) => {
      expect((await examined(prepare)).codes).toEqual(codes)
    },
  )

  test('lists several times: a worker with another key fails only some of the calls', async () => {
    const { findings, codes } = await examined(({ failures }) =>
      failures.push(undefined, failed(500), undefined, undefined, failed(500)),
    )
    expect(codes).toEqual(['problem no-encryption-key', 'ok webhook', 'ok delivery'])
    expect(findings[0]?.message).toContain(`2 of ${LIST_TRIES} times`)
    expect(findings[0]?.advice).toContain('MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY')
  })

  test('distinguishes a file store from a lost key, though both answer 500 every time', async () => {
    const always = ({ failures }: { failures: (Error | undefined)[] }) =>
      void failures.push(...Array.from({ length: LIST_TRIES }, () => failed(500)))
    expect((await examined(always, 'no')).codes).toEqual(['problem webhooks-unsupported'])
    expect((await examined(always, 'yes')).codes).toEqual(['problem no-encryption-key'])
  })

  test.each([
    ['host-refused', failed(403, undefined, 'Invalid Host header - possible DNS rebinding attack detected')],
    ['not-an-admin', failed(403, { error_code: 'PERMISSION_DENIED', message: 'no' })],
    ['no-webhooks', failed(404, undefined, '<!doctype html>')],
    ['redirected', redirected('https://login.example.com/start')],
    ['unauthorized', new Refused('unauthorized', 'rejected', { advice: 'Store other credentials.' })],
    ['unreachable', new Unavailable('no answer to GET …: connect ECONNREFUSED')],
  ])('a registry with the problem %s is called once, and its webhooks are not examined', async (code, failure) => {
    const { codes, calls, findings } = await examined(({ failures }) => void failures.push(failure))
    expect(codes).toEqual([`problem ${code}`])
    expect(calls).toEqual(['list'])
    expect(findings[0]?.advice).not.toBe('')
  })

  test.each([
    ['https://login.example.com/start', /redirects to https:\/\/login\.example\.com\/start.*log-in page/],
    ['https://mlflow.example.com/team/api', /redirects to https:\/\/mlflow\.example\.com\/team\/api.*lake\.yml/],
  ])('a redirect to %s is named, with what to correct', async (location, advice) => {
    const { findings } = await examined(({ failures }) => void failures.push(redirected(location)))
    expect(findings[0]?.message).toContain(location)
    expect(findings[0]?.advice).toMatch(advice)
  })

  test.each([
    [{ delivered: false, status: 404 }, 'wrong-address', /redirect/i],
    [{ delivered: false, status: 500 }, 'not-taken', /logs/],
    [
      {
        delivered: false,
        reason: "Webhook URL must not resolve to a non-public IP address. 'x' resolves to 10.0.0.5.",
      },
      'no-delivery',
      /MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS/,
    ],
    [
      { delivered: false, reason: "Invalid webhook URL scheme: 'http'. Allowed schemes are: https." },
      'no-delivery',
      /MLFLOW_WEBHOOK_ALLOWED_SCHEMES/,
    ],
    [{ delivered: false, reason: 'timed out' }, 'no-delivery', /HTTPS_PROXY/],
  ])('gives advice for the failed delivery %j', (delivery, code, advice) => {
    expect(diagnoseDelivery('main', url, delivery)).toMatchObject({
      level: 'problem',
      code,
      advice: expect.stringMatching(advice),
    })
  })
})

const model = modelOf({ registered: 'Flight delay' })

describe('the doctor, for a model', () => {
  const world = () => {
    const [registry, files] = [registryTwin(artifacts), artifactsTwin()]
    const hasModel = async (name: string) => registry.tags(name, '1') !== undefined
    const examine = async (of = model) =>
      (await diagnoseModel(of, settings, { registry, artifacts: files, hasModel })).map(
        ({ level, code }) => `${level} ${code}`,
      )
    return { registry, files, examine }
  }

  test('finds no problem when the artifacts of the promoted version exist', async () => {
    const { registry, files, examine } = world()
    const version = registry.register(model.registered)
    registry.alias(model.registered, 'champion', version)
    files.log(await registry.artifacts(model.registered, version))
    expect(await examine()).toEqual(['ok model'])
  })

  test('reports a missing model, and notes that no version is promoted', async () => {
    const { registry, examine } = world()
    expect(await examine()).toEqual(['problem no-model'])
    registry.register(model.registered)
    expect(await examine()).toEqual(['note not-promoted'])
  })

  test('reports that the artifacts are not where lake.yml says: the mapping of a proxied server is wrong', async () => {
    const { registry, examine } = world()
    registry.alias(model.registered, 'champion', registry.register(model.registered))
    expect(await examine()).toEqual(['problem artifacts-not-there'])
  })

  test('reports refusals of the registry, and that it is down', async () => {
    const { registry, examine } = world()
    registry.failures.push(new Refused('artifacts-elsewhere', 'in dbfs:', { advice: 'Move it.' }))
    expect(await examine()).toEqual(['problem artifacts-elsewhere'])
    registry.failures.push(new Unavailable('no answer'))
    expect(await examine()).toEqual(['problem unreachable'])
  })

  test('notes that only the sweep detects stages of MLflow, beside other findings', async () => {
    const { registry, examine } = world()
    registry.register(model.registered)
    expect(await examine({ ...model, promote: { stage: 'Production' } })).toEqual([
      'note stages-unheard',
      'note not-promoted',
    ])
  })
})

test('findings fit the terminal, with the advice below', async () => {
  const { findings } = await examined(({ receiver }) => void receiver.set(url, ['s2']))
  const lines = examinedText({ registry: 'main', host: settings.host, findings }, 80)
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
  expect(lines[0]).toBe('main: https://mlflow.example.com')
  expect(lines[1]).toMatch(/^ {2}OK {7}webhook h1/)
  expect(lines.join('\n')).toMatch(/\n {2}PROBLEM {2}test event[^]*\n {11}Sign with/)
})
