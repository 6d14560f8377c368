import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { lake, mlflowBody, mlflowHeaders, model, NOW, recorded, SECRET, sentAt, webhookWorld } from './world.ts'

const champion = mlflowBody('model_version_alias', { name: 'churn', alias: 'champion', version: '1' })
const both = [['deployment', [{ subject: 'endpoint/churn' }, { subject: 'endpoint/churn-eu' }]]]

describe('deliveries recorded from a real server', () => {
  const signed = recorded('deliveries').filter(({ secret }) => secret === SECRET)

  test('are complete', () => expect(signed.length).toBe(41))

  test.each(signed.map((each) => [(JSON.parse(each.body) as { entity: string }).entity, each] as const))(
    '%s: accepted with its secret at its time, rejected with an extra byte, too late or with another secret',
    async (_entity, each) => {
      const world = webhookWorld()
      world.clock.now = sentAt(each)
      expect(await world.deliver(each.headers, each.body)).toBe(204)
      expect(await world.deliver(each.headers, `${each.body} `)).toBe(401)
      expect(await world.deliver(each.headers, each.body, '/registries/other')).toBe(401)
      world.clock.now = sentAt(each) + 300_001
      expect(await world.deliver(each.headers, each.body)).toBe(401)
      expect(world.codes()).toEqual(['forged', 'forged', 'stale'])
    },
  )

  test('wake the endpoints of their model, and nothing for prompts and budgets', async () => {
    for (const each of signed) {
      const world = webhookWorld()
      world.clock.now = sentAt(each)
      await world.deliver(each.headers, each.body)
      const { entity, data } = JSON.parse(each.body) as { entity: string; data: { name?: string } }
      const ours = /^(registered_model|model_version)/.test(entity) && data.name === 'churn'
      expect([entity, world.sent]).toEqual([entity, ours ? both : []])
    }
  })

  test('include the sample in events/', async () => {
    const text = readFileSync(new URL('../../../events/webhook-mlflow.json', import.meta.url), 'utf8')
    const { rawPath, headers, body } = JSON.parse(text) as {
      rawPath: string
      headers: Record<string, string>
      body: string
    }
    const world = webhookWorld()
    world.clock.now = sentAt({ headers })
    expect(await world.deliver(headers, body, rawPath)).toBe(204)
    expect(world.sent).toEqual(both)
  })

  test('are rejected as forged if the webhook has no secret', async () => {
    const world = webhookWorld()
    for (const each of recorded('deliveries').filter(({ secret }) => secret === null)) {
      world.clock.now = sentAt(each)
      expect(await world.deliver(each.headers, each.body)).toBe(401)
    }
    expect(world.codes()).toEqual(['forged', 'forged', 'forged'])
  })

  test('are queued once, however often they are retried after 500 or 429', async () => {
    // They were test deliveries about example_model, so the lake needs a model of that name.
    const of = { ...lake, models: { m: model('m', 'main', 'example_model') } }
    const world = webhookWorld({ of, secret: JSON.stringify({ webhook: 'k' }) })
    const all = recorded('retries')
    for (const each of all) {
      world.clock.now = sentAt(each)
      expect(await world.deliver(each.headers, each.body.replace('example_model', 'churn'))).toBe(401)
      expect(await world.deliver(each.headers, each.body)).toBe(204)
    }
    expect([all.length, world.sent.length]).toEqual([9, 3])
  })
})

describe('a delivery of MLflow', () => {
  test.each([
    ['a version with tags', 'model_version', { name: 'churn', version: '1', source: 'models:/m-1', tags: {} }, both],
    ['a deleted alias', 'model_version_alias', { name: 'churn', alias: 'champion' }, both],
    ['a tag', 'model_version_tag', { name: 'churn', version: '1', key: 'ready', value: 'yes' }, both],
    [
      'one of Landfall’s own tags',
      'model_version_tag',
      { name: 'churn', version: '1', key: 'landfall.churn.status' },
      [],
    ],
    ['a tag that resembles Landfall’s own', 'model_version_tag', { name: 'churn', key: 'landfallen' }, both],
    ['a model without an endpoint', 'model_version', { name: 'other' }, []],
    ['a test delivery', 'model_version', { name: 'example_model' }, []],
    ['a prompt with the name of a model', 'prompt_alias', { name: 'churn', alias: 'champion' }, []],
    ['an unknown entity', 'model_evaluation', { name: 'churn' }, []],
    ['a property of every object', 'toString', { name: 'churn' }, []],
    [
      'a name with spaces, slashes and more',
      'model_version',
      { name: 'a name/with spaces & ünïcode' },
      [['deployment', [{ subject: 'endpoint/odd' }]]],
    ],
  ])('about %s', async (_what, entity, data, wakes) => {
    const world = webhookWorld()
    const body = mlflowBody(entity, data)
    expect(await world.deliver(mlflowHeaders(body), body)).toBe(204)
    expect(world.sent).toEqual(wakes)
    // A delivery that wakes nothing is not remembered.
    expect(world.deliveries.calls).toBe(wakes.length === 0 ? 0 : 2)
  })

  test("about another registry's model of the same name wakes only that registry's endpoint", async () => {
    const world = webhookWorld()
    expect(await world.deliver(mlflowHeaders(champion, { secret: 'another' }), champion, '/registries/other')).toBe(204)
    expect(world.sent).toEqual([['deployment', [{ subject: 'endpoint/churn-other' }]]])
  })

  test('that is a test wakes the model of its name, if lake.yml declares one', async () => {
    const world = webhookWorld({ of: { ...lake, models: { m: model('m', 'main', 'example_model') } } })
    const body = mlflowBody('model_version', { name: 'example_model' })
    expect(await world.deliver(mlflowHeaders(body), body)).toBe(204)
    expect(world.sent).toEqual([['deployment', [{ subject: 'endpoint/m' }]]])
  })

  test.each([-300_000, -299_000, 0, 299_000, 300_000])('is fresh %d ms from now', async (ms) => {
    const world = webhookWorld()
    expect(await world.deliver(mlflowHeaders(champion, { at: (NOW + ms) / 1000 }), champion)).toBe(204)
  })

  test.each([-301_000, 301_000, -NOW])('is stale %d ms from now, even with a valid signature', async (ms) => {
    const world = webhookWorld()
    expect(await world.deliver(mlflowHeaders(champion, { at: (NOW + ms) / 1000 }), champion)).toBe(401)
    expect(world.sent).toEqual([])
  })

  const headers = mlflowHeaders(champion)
  test.each([
    ['no headers at all', {}],
    ['no id', { ...headers, 'x-mlflow-delivery-id': undefined }],
    ['no time', { ...headers, 'x-mlflow-timestamp': undefined }],
    ['no signature', { ...headers, 'x-mlflow-signature': undefined }],
    [
      'two signatures',
      { ...headers, 'x-mlflow-signature': `${headers['x-mlflow-signature']},${headers['x-mlflow-signature']}` },
    ],
    [
      'another version of the signature',
      { ...headers, 'x-mlflow-signature': headers['x-mlflow-signature']!.replace('v1', 'v2') },
    ],
    ['a short signature', { ...headers, 'x-mlflow-signature': 'v1,AAAA' }],
    ['an empty signature', { ...headers, 'x-mlflow-signature': 'v1,' }],
    ['a signature with a line after it', { ...headers, 'x-mlflow-signature': `${headers['x-mlflow-signature']}\n` }],
    ['a signature that is not base64', { ...headers, 'x-mlflow-signature': `v1,${'*'.repeat(43)}=` }],
    ['a signature in hex', { ...headers, 'x-mlflow-signature': `v1,${'a'.repeat(64)}` }],
    ['a time that is not a number', mlflowHeaders(champion, { at: 'now' })],
    ['a time in hex', mlflowHeaders(champion, { at: `0x${(NOW / 1000).toString(16)}` })],
    ['a time with a fraction', mlflowHeaders(champion, { at: `${NOW / 1000}.5` })],
    ['two times', mlflowHeaders(champion, { at: `${NOW / 1000},${NOW / 1000}` })],
    ['two ids', mlflowHeaders(champion, { id: 'a,b' })],
    ['an empty id', mlflowHeaders(champion, { id: '' })],
    ['an id of a kilobyte', mlflowHeaders(champion, { id: 'a'.repeat(1000) })],
  ])('with %s is rejected as forged, without reading a secret', async (_what, headers) => {
    const world = webhookWorld()
    expect(await world.deliver(headers, champion)).toBe(401)
    expect(world.codes()).toEqual(['forged'])
    expect([world.sent, world.deliveries.calls, world.secrets.reads]).toEqual([[], 0, 0])
  })

  test('cannot reuse a signature by splitting the signed text elsewhere', async () => {
    // The signed text is `<id>.<time>.<body>`, and this one can be split in two ways.
    const at = NOW / 1000
    const body = `${at}.${champion}`
    const world = webhookWorld()
    const signed = mlflowHeaders(body, { id: 'a' })
    expect(await world.deliver({ ...signed, 'x-mlflow-delivery-id': `a.${at}` }, champion)).toBe(401)
    expect(await world.deliver(signed, body)).toBe(400)
  })

  test.each([
    ['not JSON', Buffer.from('{nonsense')],
    ['empty', Buffer.from('')],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['a list', Buffer.from('[]')],
    ['null', Buffer.from('null')],
    ['nested very deeply', Buffer.from('['.repeat(400_000) + ']'.repeat(400_000))],
    ['without data', Buffer.from('{"entity":"model_version","action":"created"}')],
    ['without a name', Buffer.from(mlflowBody('model_version', {}))],
    ['with a name that is not text', Buffer.from(mlflowBody('model_version', { name: ['churn'] }))],
    ['about a tag without a key', Buffer.from(mlflowBody('model_version_tag', { name: 'churn' }))],
  ])('that is signed but %s is answered 400 and wakes nothing', async (_what, body) => {
    const world = webhookWorld()
    expect(await world.deliver(mlflowHeaders(body), body)).toBe(400)
    expect([world.sent, world.deliveries.calls]).toEqual([[], 0])
  })

  test('may have MLflow’s longest tag; a larger one is rejected like a forgery', async () => {
    const world = webhookWorld()
    const value = 'ж'.repeat(100_000).replaceAll(/./gu, '\\u0436')
    const body = mlflowBody('model_version_tag', { name: 'churn', key: 'about', value: 'x' }).replace(
      '"x"',
      `"${value}"`,
    )
    expect(await world.deliver(mlflowHeaders(body), body)).toBe(204)
    const large = Buffer.alloc(1_000_001, ' ')
    expect(await world.deliver(mlflowHeaders(large), large)).toBe(401)
    expect(await world.deliver({}, large)).toBe(401)
    expect(world.codes()).toEqual(['too-large', 'too-large'])
  })

  test.each([
    '/registries/managed',
    '/registries/unity',
    '/registries/',
    '/registries/nobody',
    '/registries/__proto__',
  ])('to %s finds no source', async (path) => {
    const world = webhookWorld()
    expect(await world.deliver(mlflowHeaders(champion), champion, path)).toBe(401)
    expect(world.codes()).toEqual(['unknown-path'])
  })

  test('about any model and entity wakes exactly the endpoints of that model in that registry', async () => {
    const entities = fc.constantFrom(
      'registered_model',
      'model_version',
      'model_version_tag',
      'model_version_alias',
      'prompt',
    )
    const names = fc.oneof(
      fc.constantFrom('churn', 'a name/with spaces & ünïcode', 'delay'),
      fc.string({ maxLength: 200 }),
    )
    const keys = fc.oneof(fc.string(), fc.constantFrom('landfall.', 'landfall.x', 'Landfall.x', 'xlandfall.'))
    await fc.assert(
      fc.asyncProperty(entities, names, keys, async (entity, name, key) => {
        const world = webhookWorld()
        const body = mlflowBody(entity, { name, key })
        expect(await world.deliver(mlflowHeaders(body), body)).toBe(204)
        const silent = entity === 'prompt' || (entity === 'model_version_tag' && key.startsWith('landfall.'))
        const served = Object.values(lake.models).filter((m) => m.registry === 'main' && m.registered === name)
        const expected = silent ? [] : served.map(({ endpoint }) => ({ subject: `endpoint/${endpoint.name}` }))
        expect(world.sent.flatMap(([, wakes]) => wakes)).toEqual(expected)
      }),
      { numRuns: 1_000, seed: 20_261_122 },
    )
  })
})
