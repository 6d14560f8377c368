import { describe, expect, test } from '@jest/globals'
import { queueReports } from '../../../src/reactions/deployment/state.ts'
import { configOf, holdAt, pass, promote, serves, told, worldWith } from '../../world/promotions.ts'

const scaling = { kind: 'instances', type: 'ml.m5.large', min: 2, max: 6, invocations: 100 } as const

describe('what is due beside a deployment is not put off for ever', () => {
  test('while a newer version is refused: scaling is set, and the version that serves says so', async () => {
    const world = await worldWith(['good'], { endpoint: { compute: { ...scaling } } })
    Object.assign(world.model.endpoint.compute, { max: 8 })
    await promote(world, 'good', 2)
    world.promote(world.registry.register(world.model.registered, { artifacts: 'none' }))
    await pass(world, 60)
    expect(serves(world)).toEqual(['2'])
    expect([told(world, '2').status, world.sagemaker.scaled('delay')]).toEqual(['deployed', { min: 2, max: 8 }])
  })

  test('while what an operator went back to is gone: the reason of a failure is on its version', async () => {
    const world = await worldWith(['good', 'good'])
    await promote(world, 'no-ping', 2)
    const config = await configOf(world, '1')
    await holdAt(world, '1', '3')
    world.sagemaker.byHand('DeleteEndpointConfig', { EndpointConfigName: config })
    await pass(world, 60)
    expect(serves(world)).toEqual(['2'])
    expect(told(world, '3').status).toBe('rolled-back')
  })
})

test('a registry that takes no tags at all does not fill the ledger: of each version the last word is kept, of the last fifty', async () => {
  const world = await worldWith(['good'])
  Object.assign(world.registry, {
    tag: async () => {
      throw new Error('the registry is read-only')
    },
  })
  for (let i = 0; i < 6; i++) await promote(world, 'good', 20)
  const { pendingReports = [] } = await world.state()
  expect(pendingReports.map(({ version }) => version)).toEqual([
    ...new Set(pendingReports.map(({ version }) => version)),
  ])
  expect(pendingReports.at(-1)).toMatchObject({ version: '7', progress: 'deployed' })
  const many = Array.from({ length: 60 }, (_, i) => ({ ...pendingReports[0]!, version: String(i) }))
  expect(queueReports({ pendingReports: many }, []).map(({ version }) => version)).toEqual(
    many.slice(10).map(({ version }) => version),
  )
})
