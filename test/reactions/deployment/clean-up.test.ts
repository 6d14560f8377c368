import { describe, expect, test } from '@jest/globals'
import { queueReports } from '../../../src/reactions/deployment/state.ts'
import { autoscaled, configOf, holdAt, pass, promote, serves, tagged, worldWith } from '../../world/promotions.ts'

describe('a clean-up is not postponed for ever', () => {
  test('while a newer version is refused: autoscaling is set, and the serving version is tagged', async () => {
    const world = await worldWith(['good'], { endpoint: { compute: autoscaled() } })
    Object.assign(world.model.endpoint.compute, { max: 8 })
    await promote(world, 'good', 2)
    world.promote(world.registry.register(world.model.registered, { artifacts: 'none' }))
    await pass(world, 60)
    expect(serves(world)).toEqual(['2'])
    expect([tagged(world, '2').status, world.sagemaker.scaled('delay')]).toEqual(['deployed', { min: 2, max: 8 }])
  })

  test('while the target of a rollback is gone: the failed version is tagged with the reason', async () => {
    const world = await worldWith(['good', 'good'])
    await promote(world, 'no-ping', 2)
    const config = await configOf(world, '1')
    await holdAt(world, '1', '3')
    world.sagemaker.byHand('DeleteEndpointConfig', { EndpointConfigName: config })
    await pass(world, 60)
    expect(serves(world)).toEqual(['2'])
    expect(tagged(world, '3').status).toBe('rolled-back')
  })
})

test('if the registry rejects all tags, only the last report of each of 50 versions is kept', async () => {
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
