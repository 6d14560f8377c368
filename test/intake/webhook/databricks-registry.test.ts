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
  ])('wakes the endpoint of its model in that registry: %s', async (name) => {
    const world = webhookWorld()
    const body = event({ event: name })
    expect(await world.deliver(databricksHeaders(body), body, PATH)).toBe(204)
    expect(world.sent).toEqual(woken)
  })

  test.each([
    ['another tag', [{ key: 'ready', value: 'yes' }], woken],
    ['Landfall’s own tags', [{ key: 'landfall.churn.status' }, { key: 'landfall.churn.at' }], []],
    ['one of Landfall’s tags and another', [{ key: 'landfall.churn.status' }, { key: 'ready' }], woken],
    ['no tags', [], woken],
  ])('about %s', async (_what, tags, wakes) => {
    const world = webhookWorld()
    const body = event({ event: 'MODEL_VERSION_TAG_SET', tags })
    expect(await world.deliver(databricksHeaders(body), body, PATH)).toBe(204)
    expect(world.sent).toEqual(wakes)
  })

  test('is verified, then rejected if the time in its body is too far from now; nothing is queued or remembered', async () => {
    for (const event_timestamp of [NOW - 300_001, NOW + 300_001, 1_589_859_029_343, 1e300]) {
      const world = webhookWorld()
      const body = event({ event_timestamp })
      expect(await world.deliver(databricksHeaders(body), body, PATH)).toBe(401)
      expect(world.codes()).toEqual(['stale'])
      expect([world.sent, world.deliveries.calls]).toEqual([[], 0])
    }
  })

  test('is queued once if the same bytes are delivered again', async () => {
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
    ['two signatures', { 'x-databricks-signature': `${hex},${hex}` }],
    ['a signature that is not hex', { 'x-databricks-signature': 'g'.repeat(64) }],
  ])('with %s is rejected as forged, without reading a secret', async (_what, headers) => {
    const world = webhookWorld()
    expect(await world.deliver(headers, body, PATH)).toBe(401)
    expect([world.sent, world.secrets.reads]).toEqual([[], 0])
  })

  test('with the signature of another body is rejected as forged', async () => {
    const world = webhookWorld()
    expect(await world.deliver(databricksHeaders(event({ version: '9' })), body, PATH)).toBe(401)
    expect(world.sent).toEqual([])
  })

  test.each([{ event_timestamp: String(NOW) }, { model_name: null }, { event: 7 }, { tags: 'x' }, { tags: [{}] }])(
    'that is signed but has %j is answered 400',
    async (fields) => {
      const world = webhookWorld()
      const body = event(fields)
      expect(await world.deliver(databricksHeaders(body), body, PATH)).toBe(400)
      expect(world.sent).toEqual([])
    },
  )
})
