import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Databricks } from '../../src/databricks/ports.ts'
import { startWorkspaceWorld, type WorkspaceWorld } from './world.ts'

let world: WorkspaceWorld
beforeAll(async () => {
  world = await startWorkspaceWorld('refusals')
})
afterAll(() => world.stop())

describe('the workspace refuses', () => {
  const refused = (given: Partial<Parameters<Databricks['runNow']>[0]>): Promise<unknown> =>
    world.client.runNow({ jobId: known, token: 't', parameters: {}, ...given }).catch((error: unknown) => error)
  let known = 0
  beforeAll(() => {
    known = world.job('refuses', '')
  })

  test('an unknown job or run', async () => {
    expect(await refused({ jobId: 7 })).toMatchObject({ code: 'no-such-job' })
    await expect(world.client.run('7')).rejects.toMatchObject({ code: 'no-such-run' })
  })

  test('an undeclared parameter, parameters that are too large, a token that is too long', async () => {
    expect(await refused({ parameters: { other: '1' } })).toMatchObject({
      code: 'invalid-parameters',
      message: expect.stringContaining('other'),
    })
    expect(await refused({ parameters: { landfall_table: 'x'.repeat(10_000) } })).toMatchObject({
      code: 'invalid-parameters',
    })
    expect(await refused({ token: 'x'.repeat(65) })).toMatchObject({ code: 'invalid-parameters' })
  })

  test('a principal without permission', async () => {
    world.workspace.plan({ deny: [known] })
    expect(await refused({})).toMatchObject({ code: 'permission-denied' })
    world.workspace.plan({ deny: [] })
  })

  test('the token of a run that was deleted', async () => {
    const { runId } = await world.start(known, 'x', 'deleted')
    await world.ended(runId)
    await world.api('jobs/runs/delete', { run_id: Number(runId) })
    expect(await refused({ token: 'deleted' })).toMatchObject({ name: 'Refused' })
  })

  test('a request without credentials, or with wrong ones', async () => {
    for (const authorization of [undefined, 'Bearer nobody']) {
      const headers = authorization === undefined ? undefined : { authorization }
      const answer = await fetch(`${world.workspace.host}/api/2.2/jobs/list`, headers === undefined ? {} : { headers })
      expect(answer.status).toBe(401)
    }
  })
})
