import { inspect } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { diagnoseHooks } from '../../cli/webhooks/doctor.ts'
import { diagnoseDelivery } from '../../cli/webhooks/delivery.ts'
import { register } from '../../cli/webhooks/register.ts'
import { examinedText, registeredText } from '../../cli/webhooks/text.ts'
import { databricks } from '../../src/databricks/client.ts'
import { httpClient } from '../../src/http/http.ts'
import { registry, registryApi } from '../../src/registry/client.ts'
import type { RegistrySettings } from '../../src/registry/settings.ts'
import { knowsWebhooks, mlflowWebhooks } from '../../src/registry/webhook-admin-mlflow.ts'
import { secretsTwin } from '../core/secrets.twin.ts'
import { echo, forms, isBase64, type Place, places, secrets, tokens } from './echo.ts'

const HOST = 'https://service.example'
type Say = () => Response | Error
type Fetch = typeof fetch

/** Everything that a client returns or throws, as a logger would write it. */
async function told(call: () => Promise<unknown>): Promise<string> {
  const value = await call().catch((error: unknown) => error)
  return inspect(value, { depth: Infinity, maxStringLength: Infinity, maxArrayLength: Infinity, showHidden: true })
}

/** A server that grants tokens, and answers every other call with the next of `answers`; the last one repeats. */
function serving(answers: readonly Say[], granted = 'granted-token'): Fetch {
  let asked = 0
  return (async (url: string) => {
    if (answers.length === 1 || !url.endsWith('/oidc/v1/token')) {
      const answer = answers[Math.min(asked++, answers.length - 1)]!()
      if (answer instanceof Response) return answer
      throw answer
    }
    return Response.json({ access_token: granted, expires_in: 3600 })
  }) as Fetch
}

const settings: RegistrySettings = { kind: 'mlflow', host: HOST, secret: 's', artifacts: { bucket: 'b', prefix: 'p' } }

function options(fetch: Fetch, secret: object, more = {}) {
  let now = 0
  const sleep = async (delay: number) => void (now += delay)
  const http = httpClient({ fetch, sleep, now: () => now, ...more })
  return { http, secrets: secretsTwin({ s: JSON.stringify(secret) }), now: Date.now, aws: {} as never }
}

/** A client: what it is called with, and which of its credentials the server may repeat. */
interface Client {
  call(say: Say, secret: string): Promise<unknown>
  readonly secret: fc.Arbitrary<string>
}

const workspace = (say: readonly Say[], secret: object, granted?: string) =>
  databricks({ host: HOST, secret: 's', ...options(serving(say, granted), secret) })
const models = (say: Say, secret: object) => registry(settings, options(serving([say]), secret))
const champion = { alias: 'champion' }
const hook = { webhook: { webhook_id: 'id', name: 'n', url: 'https://landfall.example/registries/main', events: [] } }

/** As `landfall webhooks`: one attempt, and every status is an answer. */
function admin(say: readonly Say[], secret: object) {
  const api = registryApi(settings, options(serving(say), secret, { tries: 1, anyIsFinal: true }))
  return { api, admin: mlflowWebhooks(api) }
}
const wanted = { name: 'n', url: 'https://landfall.example/registries/main', events: [], ours: [] }
const waiting = { now: Date.now, sleep: async () => undefined, progress: () => undefined }

async function doctor(say: readonly Say[], secret: object): Promise<string[]> {
  const { api, admin: hooks } = admin(say, secret)
  const ports = { admin: hooks, hasWebhooks: () => knowsWebhooks(api) }
  const findings = await diagnoseHooks('main', settings, wanted, ports)
  return [JSON.stringify(findings), ...examinedText({ registry: 'main', host: HOST, findings }, 80)]
}

async function registering(say: Say, secret: string): Promise<unknown> {
  const list = () => Response.json({ webhooks: [] })
  const given = { registry: 'main', wanted, secret, madeSecret: true, prune: true }
  const registered = await register(given, admin([list, () => Response.json(hook), say], {}).admin, waiting)
  return registeredText(registered, diagnoseDelivery('main', registered.url, registered.test), 200)
}

const clients: Readonly<Record<string, Client>> = {
  'Databricks jobs, a personal access token': {
    call: (say, token) => workspace([say], { token }).run('7'),
    secret: tokens,
  },
  'Databricks jobs, an OAuth token': {
    call: (say, token) => workspace([say, say], { client_id: 'c', client_secret: 'unused' }, token).run('7'),
    secret: tokens,
  },
  'Databricks jobs, the client secret behind a token': {
    call: (say, client_secret) => workspace([say, say], { client_id: 'c', client_secret }).run('7'),
    secret: secrets,
  },
  'OAuth of Databricks': {
    call: (say, client_secret) => workspace([say], { client_id: 'c', client_secret }).run('7'),
    secret: secrets,
  },
  'the registry, a token': { call: (say, token) => models(say, { token }).promoted('delay', champion), secret: tokens },
  'the registry, a password': {
    call: (say, password) => models(say, { username: 'ada', password }).promoted('delay', champion),
    secret: secrets,
  },
  'the registry, artifacts': {
    call: (say, password) => models(say, { username: 'ada', password }).artifacts('delay', '1'),
    secret: secrets,
  },
  'the registry, what its webhooks sign with': {
    call: (say, webhook) => models(say, { token: 'unused', webhook: ['first', webhook] }).tag('delay', '1', { a: 'b' }),
    secret: secrets,
  },
  'webhooks doctor': { call: (say, password) => doctor([say], { username: 'ada', password }), secret: secrets },
  'webhooks doctor, a test delivery': {
    call: (say, webhook) =>
      doctor([...Array.from({ length: 12 }, () => () => Response.json({ webhooks: [hook.webhook] })), say], {
        webhook,
      }),
    secret: secrets,
  },
  'webhooks register, creating': {
    call: (say, secret) => admin([say], {}).admin.create('n', wanted.url, secret),
    secret: secrets,
  },
  'webhooks register, testing': { call: registering, secret: secrets },
}

/** Every way in which a server, a proxy or the connection can repeat a text. */
const answers: Readonly<Record<string, (text: string, status: number) => Response | Error>> = {
  'an error in JSON': (message, status) => Response.json({ error_code: 'BAD', message }, { status }),
  'a code in JSON': (error_code, status) => Response.json({ error_code, message: '' }, { status }),
  'an error as OAuth has it': (error_description, status) =>
    Response.json({ error: 'bad', error_description }, { status }),
  'JSON with escapes': (text, status) => new Response(escapedJson({ message: text }), { status }),
  'keys in JSON': (text, status) => Response.json({ a: { [text]: { [text]: [text] } } }, { status }),
  'a list in JSON': (text, status) => Response.json([[text]], { status }),
  'a page': (text, status) => new Response(`a page: ${text}`, { status }),
  'a content type': (text, status) => new Response('<', { status, headers: header('content-type', text) }),
  'a redirect': (text) =>
    new Response(null, { status: 302, headers: header('location', `https://sso.example/${text}`) }),
  'a relative redirect': (text) => new Response('', { status: 307, headers: header('location', `/${text}?${text}`) }),
  'the result of a test': (error_message, status) =>
    Response.json({ result: { success: false, error_message } }, { status }),
  'the state of a run': (text, status) =>
    Response.json({ run_id: 7, end_time: 1, state: { result_state: 'FAILED', state_message: text } }, { status }),
  'a code of a run': (code, status) =>
    Response.json({ run_id: 7, end_time: 1, state: { result_state: code } }, { status }),
  'the address of artifacts': (artifact_uri, status) => Response.json({ artifact_uri }, { status }),
  'a version': (text, status) =>
    Response.json({ model_version: { name: text, version: '1', source: text, status: 'READY' } }, { status }),
  'a number that is none': (version, status) => Response.json({ model_version: { name: 'n', version } }, { status }),
  'webhooks of others': (text, status) =>
    Response.json({ webhooks: [{ webhook_id: text, name: 'n', url: text }] }, { status }),
  'an error of fetch': (text) => new TypeError(text, { cause: new Error(text, { cause: { message: text } }) }),
  'a code of fetch': (text) => new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: text }) }),
}

/** Headers hold Latin-1 and no line breaks: whatever else is in a text arrives as a browser would send it. */
const header = (name: string, text: string) => ({ [name]: text.replaceAll(/[^\u0020-\u007e]+/g, encodeURIComponent) })
const escapedJson = (value: unknown) =>
  JSON.stringify(value).replaceAll(/(?<=")[^"\\]+(?=")/g, (text) =>
    text.replaceAll(/[\ud800-\udfff/]|[^\ud800-\udfff/]/g, (unit) =>
      unit === '/' ? String.raw`\/` : String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  )

const statuses = fc.constantFrom(200, 201, 302, 400, 401, 403, 404, 408, 409, 422, 429, 500, 501, 503)

/** What must not be found: the credential in that form; if it is an error that was cut off, also 8 characters of it. */
function forbidden(secret: string, form: string): string[] {
  const spelled = forms[form]!(secret)
  const beginning = isBase64(form) ? spelled.slice(0, 8) : forms[form]!([...secret].slice(0, 8).join(''))
  return [secret, spelled.replace(/=+$/, ''), ...([...secret].length > 8 ? [beginning] : [])]
}

describe('a credential that a server repeats', () => {
  test.each(Object.entries(clients))('is in no message, cause or output: %s', async (_name, { call, secret: any }) => {
    const input = [
      any,
      fc.constantFrom(...Object.keys(forms)),
      fc.constantFrom(...Object.keys(answers)),
      statuses,
      places,
    ]
    await fc.assert(
      fc.asyncProperty(
        ...(input as [typeof any, typeof any, typeof any, typeof statuses, fc.Arbitrary<Place>]),
        async (secret, form, answer, status, place) => {
          const say = (text: string) => () => answers[answer]!(echo(text, place), status)
          // What the client says anyway, as `fetch`, is nobody's secret.
          const anyway = await told(() => call(say('nothing'), 'another-secret'))
          const found = await told(() => call(say(forms[form]!(secret)), secret))
          // Data that is cut off is no error: its beginning may be a plain word.
          const never = status < 300 && place.share < 1 ? [] : forbidden(secret, form)
          fc.pre(!never.some((each) => anyway.includes(each)))
          for (const each of never) expect(found).not.toContain(each)
        },
      ),
      { numRuns: 400 },
    )
  })
})
