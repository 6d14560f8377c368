import { describe, expect, test } from '@jest/globals'
import { receive } from '../../../src/intake/webhook/receive.ts'
import { testDeliveries } from './deliveries.suite.ts'
import { memoryDeliveries } from './deliveries.twin.ts'
import { mlflowBody, mlflowHeaders, NOW, webhookWorld } from './world.ts'

testDeliveries('the twin', async () => memoryDeliveries())

const body = mlflowBody('model_version_alias', { name: 'churn', alias: 'champion', version: '1' })
const headers = mlflowHeaders(body)
const path = '/registries/main'

describe('a delivery counts once', () => {
  test('and the same change as another delivery counts too: it may be another change', async () => {
    const { deliver, sent } = webhookWorld()
    for (const id of ['a', 'a', 'b', 'a', 'b']) expect(await deliver(mlflowHeaders(body, { id }), body)).toBe(204)
    expect(sent.length).toBe(2)
  })

  test('and is remembered for as long as it could be sent again', async () => {
    const world = webhookWorld()
    await world.deliver(mlflowHeaders(body, { at: NOW / 1000 + 300 }), body)
    const [until] = world.deliveries.kept.values()
    world.clock.now = until!
    expect(await world.deliver(mlflowHeaders(body, { at: NOW / 1000 + 300 }), body)).toBe(204)
    expect(world.sent.length).toBe(1)
    world.clock.now += 1
    expect(await world.deliver(mlflowHeaders(body, { at: NOW / 1000 + 300 }), body)).toBe(401)
  })

  test('an id of one registry is not that of another', async () => {
    const { deliver, sent } = webhookWorld()
    await deliver(headers, body)
    await deliver(mlflowHeaders(body, { secret: 'another' }), body, '/registries/other')
    expect(sent.length).toBe(2)
  })

  test('one that could not be queued is not remembered, and counts when it comes again', async () => {
    const { ports, deliver, sent, deliveries } = webhookWorld()
    const down = { ...ports, send: () => Promise.reject(new Error('SQS is down')) }
    await expect(receive(path, { headers, body: Buffer.from(body) }, down)).rejects.toThrow('SQS is down')
    expect(deliveries.kept.size).toBe(0)
    expect(await deliver(headers, body)).toBe(204)
    expect(sent.length).toBe(1)
  })

  test('a crash after queueing counts it twice, and never not at all', async () => {
    const { ports, deliver, sent } = webhookWorld()
    const crashing = { ...ports, deliveries: { ...ports.deliveries, remember: () => new Promise<never>(() => {}) } }
    void receive(path, { headers, body: Buffer.from(body) }, crashing)
    await new Promise(setImmediate)
    expect(sent.length).toBe(1)
    expect(await deliver(headers, body)).toBe(204)
    expect(sent.length).toBe(2)
  })

  test('when nobody can say whether it is known it is queued, and the operator is told', async () => {
    const { deliveries, deliver, sent, codes } = webhookWorld()
    deliveries.failures.push(new Error('DynamoDB is down'), new Error('DynamoDB is down'))
    expect(await deliver(headers, body)).toBe(204)
    expect(sent.length).toBe(1)
    expect(codes()).toEqual(['not-remembered', 'not-remembered'])
  })
})
