import { describe, expect, test } from '@jest/globals'
import { databricksHeaders, NOW, webhookWorld } from './world.ts'

const PATH = '/registries/workspace'
const event = (fields: object = {}): string =>
  JSON.stringify({
    event: 'MODEL_VERSION_TRANSITIONED_STAGE',
    webhook_id: 'c5596721253c4b429368cf6f4341b88a',
    event_timestamp: NOW,
    model_name: 'churn',
    version: '8',
    to_stage: 'Production',
    from_stage: 'None',
    text: 'Registered model version 8 transitioned from None to Production.',
    ...fields,
  })
const woken = [['deployment', [{ subject: 'endpoint/churn-workspace' }]]]

describe("a delivery of a Databricks workspace's registry", () => {
  test.each([
    'MODEL_VERSION_CREATED',
    'MODEL_VERSION_TRANSITIONED_STAGE',
    'TRANSITION_REQUEST_CREATED',
    'COMMENT_CREATED',
    'REGISTERED_MODEL_CREATED',
    'MODEL_VERSION_TRANSITIONED_TO_PRODUCTION',
    'TRANSITION_REQUEST_TO_PRODUCTION_CREATED',
  ])('%s wakes the endpoint of its model in that registry', async (name) => {
    const world = webhookWorld()
    const body = event({ event: name })
    expect(await world.deliver(databricksHeaders(body), body, PATH)).toBe(204)
    expect(world.sent).toEqual(woken)
  })

  test.each([
    ['a tag of others', [{ key: 'ready', value: 'yes' }], woken],
    ['tags of ours', [{ key: 'landfall.churn.status' }, { key: 'landfall.churn.at' }], []],
    ['one of ours and one of others', [{ key: 'landfall.churn.status' }, { key: 'ready' }], woken],
    ['no tags', [], woken],
  ])('about %s', async (_what, tags, wakes) => {
    const world = webhookWorld()
    const body = event({ event: 'MODEL_VERSION_TAG_SET', tags })
    expect(await world.deliver(databricksHeaders(body), body, PATH)).toBe(204)
    expect(world.sent).toEqual(wakes)
  })

  test('whose time is in its body is verified first and refused when that is old: nothing is woken or remembered', async () => {
    for (const event_timestamp of [NOW - 300_001, NOW + 300_001, 1_589_859_029_343, 1e300]) {
      const world = webhookWorld()
      const body = event({ event_timestamp })
      expect(await world.deliver(databricksHeaders(body), body, PATH)).toBe(401)
      expect(world.codes()).toEqual(['stale'])
      expect([world.sent, world.deliveries.calls]).toEqual([[], 0])
    }
  })

  test('again, byte for byte, is the same delivery', async () => {
    const world = webhookWorld()
    const body = event()
    for (let i = 0; i < 3; i++) expect(await world.deliver(databricksHeaders(body), body, PATH)).toBe(204)
    expect(world.sent).toEqual(woken)
  })

  const body = event()
  const hex = databricksHeaders(body)['x-databricks-signature'] ?? ''
  test.each([
    ['no signature', {}],
    ['a signature in upper case', { 'x-databricks-signature': hex.toUpperCase() }],
    ['a signature cut short', { 'x-databricks-signature': hex.slice(0, 62) }],
    ['two', { 'x-databricks-signature': `${hex},${hex}` }],
    ['one that is no hex', { 'x-databricks-signature': 'g'.repeat(64) }],
  ])('with %s is a forgery, and Secrets Manager is not asked', async (_what, headers) => {
    const world = webhookWorld()
    expect(await world.deliver(headers, body, PATH)).toBe(401)
    expect([world.sent, world.secrets.reads]).toEqual([[], 0])
  })

  test('with the signature of another body is a forgery', async () => {
    const world = webhookWorld()
    expect(await world.deliver(databricksHeaders(event({ version: '9' })), body, PATH)).toBe(401)
    expect(world.sent).toEqual([])
  })

  test.each([{ event_timestamp: String(NOW) }, { model_name: null }, { event: 7 }, { tags: 'x' }, { tags: [{}] }])(
    'with %j, but signed, is answered 400',
    async (fields) => {
      const world = webhookWorld()
      const body = event(fields)
      expect(await world.deliver(databricksHeaders(body), body, PATH)).toBe(400)
      expect(world.sent).toEqual([])
    },
  )
})
