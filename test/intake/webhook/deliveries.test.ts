import { describe, expect, test } from '@jest/globals'
import { receive } from '../../../src/intake/webhook/receive.ts'
import { testDeliveries } from './deliveries.suite.ts'
import { memoryDeliveries } from './deliveries.twin.ts'
import { mlflowBody, mlflowHeaders, NOW, webhookWorld } from './world.ts'

testDeliveries('the twin', async () => memoryDeliveries())

const body = mlflowBody('model_version_alias', { name: 'churn', alias: 'champion', version: '1' })
const headers = mlflowHeaders(body)
const path = '/registries/main'

describe('a delivery is queued once', () => {
  test('but the same body with another id is queued too: it may be another change', async () => {
    const { deliver, sent } = webhookWorld()
    for (const id of ['a', 'a', 'b', 'a', 'b']) expect(await deliver(mlflowHeaders(body, { id }), body)).toBe(204)
    expect(sent.length).toBe(2)
  })

  test('and is remembered for as long as its signature is fresh', async () => {
    const world = webhookWorld()
    await world.deliver(mlflowHeaders(body, { at: NOW / 1000 + 300 }), body)
    const [until] = world.deliveries.kept.values()
    world.clock.now = until!
    expect(await world.deliver(mlflowHeaders(body, { at: NOW / 1000 + 300 }), body)).toBe(204)
    expect(world.sent.length).toBe(1)
    world.clock.now += 1
    expect(await world.deliver(mlflowHeaders(body, { at: NOW / 1000 + 300 }), body)).toBe(401)
  })

  test('for each registry: an id may occur in two of them', async () => {
    const { deliver, sent } = webhookWorld()
    await deliver(headers, body)
    await deliver(mlflowHeaders(body, { secret: 'another' }), body, '/registries/other')
    expect(sent.length).toBe(2)
  })

  test('and is not remembered if it could not be queued, so that a retry is queued', async () => {
    const { ports, deliver, sent, deliveries } = webhookWorld()
    const down = { ...ports, send: () => Promise.reject(new Error('SQS is down')) }
    await expect(receive(path, { headers, body: Buffer.from(body) }, down)).rejects.toThrow('SQS is down')
    expect(deliveries.kept.size).toBe(0)
    expect(await deliver(headers, body)).toBe(204)
    expect(sent.length).toBe(1)
  })

  test('or twice after a crash in between, rather than never', async () => {
    const { ports, deliver, sent } = webhookWorld()
    const crashing = { ...ports, deliveries: { ...ports.deliveries, remember: () => new Promise<never>(() => {}) } }
    void receive(path, { headers, body: Buffer.from(body) }, crashing)
    await new Promise(setImmediate)
    expect(sent.length).toBe(1)
    expect(await deliver(headers, body)).toBe(204)
    expect(sent.length).toBe(2)
  })

  test('and is queued, with a warning, if DynamoDB cannot be reached', async () => {
    const { deliveries, deliver, sent, codes } = webhookWorld()
    deliveries.failures.push(new Error('DynamoDB is down'), new Error('DynamoDB is down'))
    expect(await deliver(headers, body)).toBe(204)
    expect(sent.length).toBe(1)
    expect(codes()).toEqual(['not-remembered', 'not-remembered'])
  })
})
