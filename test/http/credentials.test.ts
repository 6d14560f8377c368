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
import { echo, forms, isBase64, places, secrets, tokens } from './echo.ts'

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
  const beginning = isBase64(form) ? spelled.slice(0, 8) : forms[form]!(Array.from(secret).slice(0, 8).join(''))
  return [
    secret,
    isBase64(form) ? spelled.replace(/=+$/, '') : spelled,
    ...(Array.from(secret).length > 8 ? [beginning] : []),
  ]
}

const anyForm = fc.constantFrom(...Object.keys(forms))
const anyAnswer = fc.constantFrom(...Object.keys(answers))

describe('a credential that a server repeats', () => {
  test.each(Object.entries(clients))('is in no message, cause or output: %s', async (_name, { call, secret: any }) => {
    await fc.assert(
      fc.asyncProperty(any, anyForm, anyAnswer, statuses, places, async (secret, form, answer, status, place) => {
        const say = (text: string) => () => answers[answer]!(echo(text, place), status)
        // What the client says anyway, as `fetch`, is nobody's secret.
        const anyway = await told(() => call(say('nothing'), 'another-secret'))
        const found = await told(() => call(say(forms[form]!(secret)), secret))
        // Data that is cut off is no error: its beginning may be a plain word.
        const never = status < 300 && place.share < 1 ? [] : forbidden(secret, form)
        fc.pre(!never.some((each) => anyway.includes(each)))
        // Three of the four characters of a short one, and what the message says behind them, may be all four.
        fc.pre(place.share === 1 || Array.from(secret).length > 8)
        for (const each of never) expect(found).not.toContain(each)
      }),
      { numRuns: 150 },
    )
  })

  const secret = 'hush/hush hush hush hush'
  const calling = (
    say: Say,
    more: { readonly url?: string; readonly secret?: string; readonly body?: string } = {},
  ) => {
    const { url = HOST, secret: token = secret, body } = more
    const http = httpClient({ fetch: serving([say]), tries: 1 })
    return http.send(url, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body })
  }
  const page = (text: string) => () => new Response(text, { status: 400 })

  test.each(['pass\\"word', 'pass\\/word', 'pass\\\\"word', 'pass\\\nword', 'pass\\\u00e9word'])(
    'is removed if it has a backslash before what JSON escapes, too: %j',
    async (odd) => {
      const nested = (depth: number): string =>
        Array.from({ length: depth }).reduce<string>((text) => JSON.stringify(text).slice(1, -1), odd)
      for (const depth of [0, 1, 2])
        expect(await calling(page(`bad: ${nested(depth)}.`), { secret: odd })).toMatchObject({ text: 'bad: ***.' })
    },
  )

  test.each([494, 497, 498, 499])('is removed before the text is cut: from character %d of 500', async (before) => {
    const { text } = await calling(page(`${'.'.repeat(before)}${secret} and more`))
    expect(text).toBe(`${'.'.repeat(before)}*** and`.slice(0, 500))
  })

  test.each([7, 8, 12, 20])('is not shown where the connection ended after %d characters of it', async (length) => {
    expect(await calling(page(`bad: ${secret.slice(0, length)}`))).toMatchObject({ text: 'bad: ***' })
  })

  test('is not shown where the server cut it off', async () => {
    expect(await calling(page(`bad: ${secret.slice(0, 12)}… (24 characters)`))).toMatchObject({
      text: 'bad: ***… (24 characters)',
    })
  })

  test.each([
    ['the middle', (text: string) => `${text.slice(0, 9)}…${text.slice(-9)}`, 'bad: ***…***.'],
    ['the beginning', (text: string) => `…${text.slice(4)}`, 'bad: …***.'],
    ['the beginning, of many', (text: string) => `${text.slice(4)},`.repeat(3), 'bad: ***,***,***,.'],
  ])('is not shown where the server cut out %s', async (_what, cut, shown) => {
    for (const odd of ['dapi0123456789abcdef', 'p\u00e4ss"word/with&odd+ends\u00e9"']) {
      const text = cut(odd)
      expect(await calling(page(`bad: ${text}.`), { secret: odd })).toMatchObject({ text: shown })
      const escaped = JSON.stringify(text).slice(1, -1)
      expect(await calling(page(`bad: ${escaped}.`), { secret: odd })).toMatchObject({ text: shown })
    }
  })

  test('is removed from data, which otherwise stays as it is', async () => {
    const body = { [`a ${secret}`]: [`b ${secret}`, 1, true, null], hush: 'hush/hush' }
    const said = (await calling(() => Response.json(body))).body
    expect(said).toEqual({ 'a ***': ['b ***', 1, true, null], hush: 'hush/hush' })
  })

  test.each(['a', 'ab', 'abc'])(
    'is not looked for if it is as short as %j: it would be found in any text',
    async (short) => {
      expect(await calling(page('abc a label'), { secret: short })).toMatchObject({ text: 'abc a label' })
    },
  )

  test('may be a word that the request says openly: no name is replaced by ***', async () => {
    const answer = () => Response.json({ name: 'Flight delay', in: '/api/2.0/mlflow' })
    for (const word of ['mlflow', 'Flight delay', 'open-key'])
      expect(
        await calling(answer, {
          url: `${HOST}/api/2.0/mlflow?name=Flight%20delay`,
          secret: word,
          body: '{"key":"open-key"}',
        }),
      ).toMatchObject({ body: { name: 'Flight delay', in: '/api/2.0/mlflow' } })
  })

  test.each([
    ['JSON', JSON.stringify({ spec: { secret: 'of-the-webhook' } })],
    ['a form', new URLSearchParams({ client_secret: 'of-the-webhook' }).toString()],
  ])('may be in a body: %s', async (_what, body) => {
    expect(await calling(page('bad of-the-webhook'), { body })).toMatchObject({ text: 'bad ***' })
  })

  test('may be in an address, which fetch then quotes', async () => {
    const url = 'https://ada:hush-hush@service.example/a?token=hush-token&b=1'
    const failed = told(() => calling(() => new TypeError(`bad address ${url}`), { url }))
    expect(await failed).toContain('POST https://service.example/a: bad address')
    expect(await failed).not.toMatch(/hush/)
  })

  test('may be the session of a role, which AWS repeats where a signature does not match', async () => {
    const http = httpClient({
      fetch: serving([page('The canonical string: x-amz-security-token:session-token Signature=abcdef12')]),
    })
    const headers = {
      authorization: 'AWS4-HMAC-SHA256 Credential=AKID/x/aws4_request, SignedHeaders=host, Signature=abcdef12',
      'x-amz-security-token': 'session-token',
    }
    const { text } = await http.send(HOST, { method: 'GET', headers })
    expect(text).toBe('The canonical string: x-amz-security-token:*** Signature=***')
  })

  test('may have been sent before; a token that is granted again still arrives', async () => {
    const http = httpClient({ fetch: serving([() => Response.json({ access_token: secret })]) })
    const send = (given: object) => http.send(HOST, { method: 'POST', headers: {}, ...given })
    await send({ headers: { authorization: `Bearer ${secret}` } })
    expect(await send({})).toMatchObject({ body: { access_token: '***' } })
    expect(await send({ isGrant: true })).toMatchObject({ body: { access_token: secret } })
  })

  test('costs little time, however it looks and whatever is said', async () => {
    const odd = [
      '%25'.repeat(30),
      '\\'.repeat(30),
      'ü'.repeat(60),
      '&amp;'.repeat(20),
      String.raw`\\"`.repeat(20),
      ' +'.repeat(30),
    ]
    for (const token of odd) {
      const body = JSON.stringify({ secret: token })
      const text = [token, '%2525', '\\\\', '????', '&amp;amp;', '\\\\"', '++']
        .map((each) => each.repeat(20_000))
        .join('')
      const before = performance.now()
      await calling(page(`${text}!`), { body, secret: 'another' })
      expect(performance.now() - before).toBeLessThan(2_000)
    }
  })
})
