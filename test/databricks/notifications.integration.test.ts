import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Receiver, startReceiver, startWorkspaceWorld, type WorkspaceWorld } from './world.ts'

let world: WorkspaceWorld
let receiver: Receiver
beforeAll(async () => {
  world = await startWorkspaceWorld('notifications')
  receiver = await startReceiver(world.workspace)
})
afterAll(async () => {
  await world.stop()
  receiver.close()
})

describe('notifications', () => {
  test('have Basic auth and ids as text, and are retried if they are rejected', async () => {
    receiver.refuse(1)
    const id = world.job('notify', '', { webhook_notifications: receiver.notifications })
    const { runId } = await world.start(id)
    const found = await receiver.notified(runId, ['jobs.on_start', 'jobs.on_success'])
    expect(found).toHaveLength(2)
    for (const { authorization, body } of found) {
      expect(authorization).toBe(`Basic ${Buffer.from('landfall:pass:word').toString('base64')}`)
      expect(body).toEqual({
        event_type: expect.stringMatching(/^jobs\.on_(start|success)$/),
        workspace_id: expect.any(String),
        run: { run_id: runId },
        job: { job_id: String(id), name: 'notify' },
      })
    }
  })

  test('say that a run failed; if they are lost, the status can still be read', async () => {
    const id = world.job('unhappy', 'raise SystemExit(3)', { webhook_notifications: receiver.notifications })
    const { runId } = await world.start(id)
    await receiver.notified(runId, ['jobs.on_start', 'jobs.on_failure'])
    world.workspace.plan({ drop_notifications: 2 })
    const lost = await world.start(id)
    expect(await world.ended(lost.runId)).toMatchObject({ kind: 'failed' })
    await sleep(100)
    expect(receiver.received.filter(({ body }) => body.run.run_id === lost.runId)).toEqual([])
  })
})
