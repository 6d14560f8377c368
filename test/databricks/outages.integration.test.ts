import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Unavailable } from '../../src/http/http.ts'
import { APPEND, startWorkspaceWorld, type WorkspaceWorld } from './world.ts'

let world: WorkspaceWorld
beforeAll(async () => {
  world = await startWorkspaceWorld('outages')
})
afterAll(() => world.stop())

describe('outages and limits', () => {
  test('a short outage is waited out within the budget, and nothing starts twice', async () => {
    const id = world.job('outage', APPEND)
    world.workspace.plan({ down: 0.6 })
    const patient = world.clientWith({ tries: 8 })
    const { runId } = await patient.runNow({ jobId: id, token: 'outage', parameters: { landfall_table: 'x' } })
    expect(await world.ended(runId, patient)).toEqual({ kind: 'succeeded' })
    expect(await world.linesOf('outage')).toEqual(['x'])
  })

  test('a longer outage throws Unavailable, and the same token works afterwards', async () => {
    const id = world.job('longer', APPEND)
    world.workspace.plan({ down: 1 })
    const hasty = world.clientWith({ budget: 300 })
    const attempt = { jobId: id, token: 'longer', parameters: { landfall_table: 'x' } }
    await expect(hasty.runNow(attempt)).rejects.toThrow(Unavailable)
    await sleep(1200)
    expect(await world.ended((await hasty.runNow(attempt)).runId)).toEqual({ kind: 'succeeded' })
  })

  test('429 is waited out as Retry-After says', async () => {
    const id = world.job('limited', APPEND)
    world.workspace.plan({ fail: { times: 2, status: 429, retry_after: 0.3, path: '/api/2.2/jobs/run-now' } })
    const began = Date.now()
    await world.ended((await world.start(id)).runId)
    expect(Date.now() - began).toBeGreaterThanOrEqual(590)
    expect(await world.linesOf('limited')).toHaveLength(1)
  })

  test('expired and revoked tokens are replaced without a failed call', async () => {
    const { runId } = await world.start(world.job('tokens', ''))
    await world.ended(runId)
    world.workspace.plan({ revoke_tokens: true })
    expect(await world.client.run(runId)).toEqual({ kind: 'succeeded' })
    const before = world.workspace.calls.filter((call) => call === 'POST /oidc/v1/token').length
    await sleep(2100)
    expect(await world.client.run(runId)).toEqual({ kind: 'succeeded' })
    expect(world.workspace.calls.filter((call) => call === 'POST /oidc/v1/token')).toHaveLength(before + 1)
  })
})
