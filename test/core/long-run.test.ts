import { describe, expect, test } from '@jest/globals'
import { Refused } from '../../src/core/refused.ts'
import type { Run } from '../../src/core/ledger.ts'
import { react } from '../../src/core/react.ts'
import { subject, world } from './long-run-world.ts'

describe('a long action', () => {
  test('is recorded before it is started, and done when the outside system says so', async () => {
    const { source, there, shell, wake, cursor } = world()
    source.newest = 4
    expect(await wake()).toMatchObject({ kind: 'running' })
    expect([...there.runs.values()]).toMatchObject([{ after: -1, version: 4 }])
    expect((await cursor()).version).toBe(-1)
    there.end({ kind: 'succeeded' })
    expect(await wake()).toMatchObject({ kind: 'done' })
    expect(await cursor()).toMatchObject({ version: 4, committed: 40 })
    expect(shell.bus.published).toMatchObject([
      { type: 'Run Succeeded', detail: { after: -1, version: 4, attempt: 1 } },
    ])
  })

  test('what arrives while it runs is processed in one run when it ends, without another event', async () => {
    const { source, there, wake } = world()
    source.newest = 0
    await wake()
    for (source.newest = 1; source.newest < 9; source.newest++) await wake({ version: source.newest })
    expect(there.runs.size).toBe(1)
    there.end({ kind: 'succeeded' })
    await wake()
    expect([...there.runs.values()]).toMatchObject([
      { after: -1, version: 0 },
      { after: 0, version: 9 },
    ])
  })

  test('that failed is retried after a growing wait, with another token, and is stuck after the last attempt', async () => {
    const { source, clock, there, shell, wake, cursor } = world()
    source.newest = 0
    const waits: number[] = []
    for (let i = 0; i < 3; i++) {
      expect(await wake()).toMatchObject({ kind: 'running' })
      there.end({ kind: 'failed', reason: 'boom' })
      await wake()
      const { run } = await cursor()
      if (run !== undefined) waits.push(run.until - clock.now)
      clock.now += 900_000
    }
    expect(waits).toEqual([10_000, 40_000])
    expect(there.runs.size).toBe(3)
    expect((await cursor()).refusal).toMatchObject({
      code: 'stuck',
      reason: expect.stringContaining('boom'),
      advice: expect.stringContaining('landfall replay flights --from 0 --stage prod'),
    })
    expect(shell.bus.published.map(({ type }) => type)).toEqual([
      'Run Failed',
      'Run Failed',
      'Run Failed',
      'Reaction Refused',
    ])
    expect(await wake()).toMatchObject({ kind: 'refused' })
    expect(there.runs.size).toBe(3)
  })

  test('that was skipped for lack of capacity is started again, and this is not counted as a failure', async () => {
    const { source, clock, there, wake, cursor } = world()
    source.newest = 0
    for (let i = 0; i < 10; i++) {
      await wake()
      there.end({ kind: 'skipped', reason: 'busy' })
      await wake()
      clock.now += 900_000
    }
    await wake()
    expect((await cursor()).run?.attempt).toBe(1)
    there.end({ kind: 'succeeded' })
    await wake()
    expect(there.applied).toEqual(new Map([[0, 1]]))
  })

  test('whose start is refused is not left claimed, and its reason is published once', async () => {
    const { source, shell, reactionOn, cursor } = world()
    source.newest = 0
    const start = () => Promise.reject(new Refused('no-such-job', 'there is no job 42'))
    const reaction = reactionOn({ start, status: async () => ({ kind: 'running' }) })
    for (let i = 0; i < 3; i++) expect(await react(reaction, { subject }, shell)).toMatchObject({ kind: 'refused' })
    expect(shell.bus.published).toHaveLength(1)
    expect(await cursor()).not.toHaveProperty('run')
  })

  test('that other workers observe while it starts is recorded once it has started, not when its lease expires', async () => {
    const { source, there, reactionOn, shell, wake, cursor } = world()
    source.newest = 0
    const slow = reactionOn({
      ...there,
      async start(...run) {
        const id = await there.start(...run)
        expect(await wake()).toMatchObject({ kind: 'running' })
        return id
      },
    })
    expect(await react(slow, { subject }, shell)).toMatchObject({ kind: 'running' })
    expect((await cursor()).run?.externalId).toBeDefined()
    there.end({ kind: 'succeeded' })
    expect(await wake()).toMatchObject({ kind: 'done' })
  })

  test('whose start is refused while another worker observes is refused at once', async () => {
    const { source, there, reactionOn, shell, wake } = world()
    source.newest = 0
    const refusing = reactionOn({
      ...there,
      async start() {
        await wake()
        throw new Refused('no-such-job', 'there is no such job')
      },
    })
    expect(await react(refusing, { subject }, shell)).toMatchObject({
      kind: 'refused',
      refusal: { code: 'no-such-job' },
    })
  })

  test('that the outside system has forgotten has failed, and is not polled for ever', async () => {
    const { source, there, shell, wake } = world()
    source.newest = 0
    await wake()
    there.runs.clear()
    await wake()
    expect(shell.bus.published).toMatchObject([
      { type: 'Run Failed', detail: { reason: expect.stringContaining('there is no run') } },
    ])
  })

  test('that cannot be polled because the credentials are rejected is not started a second time', async () => {
    const { source, clock, there, shell, reactionOn, wake, cursor } = world()
    source.newest = 0
    await wake()
    const status = () => Promise.reject(new Refused('unauthorized', 'the token is rejected'))
    const blind = reactionOn({ start: there.start, status })
    for (let i = 0; i < 3; i++) {
      expect(await react(blind, { subject }, shell)).toMatchObject({ kind: 'refused' })
      clock.now += 900_000
    }
    expect(shell.bus.published.map(({ type }) => type)).toEqual(['Reaction Refused'])
    expect(await wake()).toMatchObject({ kind: 'running' })
    expect(await cursor()).not.toHaveProperty('refusal')
    there.end({ kind: 'succeeded' })
    expect(await wake()).toMatchObject({ kind: 'done' })
    expect(there.runs.size).toBe(1)
  })

  test('that could not be started fails at each try, so that its message is dead-lettered in the end', async () => {
    const { source, there, shell, reactionOn, wake } = world()
    source.newest = 0
    const tokens: string[] = []
    const start = ({ token }: Run) => {
      tokens.push(token)
      return Promise.reject(new Error('AccessDenied'))
    }
    const broken = reactionOn({ start, status: there.status })
    for (let i = 0; i < 3; i++) await expect(react(broken, { subject }, shell)).rejects.toThrow('AccessDenied')
    expect(new Set(tokens).size).toBe(1)
    expect(await wake()).toMatchObject({ kind: 'running' })
    expect([...there.runs.keys()]).toEqual([tokens[0]])
  })

  test('that is not due yet starts on time, with one wake-up on its way however many events arrive', async () => {
    const { source, clock, shell, wake, there } = world((_observed, now) =>
      now >= 1_020_000 ? { kind: 'start' } : { kind: 'wait', until: 1_020_000 },
    )
    source.newest = 0
    for (let i = 0; i < 5; i++) {
      expect(await wake({ version: 0 })).toMatchObject({ kind: 'idle' })
      clock.now += 1_000
    }
    expect(shell.later).toEqual([{ wake: { subject }, delay: 20_000 }])
    clock.now = 1_020_000
    expect(await wake()).toMatchObject({ kind: 'running' })
    expect(there.runs.size).toBe(1)
  })

  test('a wake-up that arrives a moment early schedules another', async () => {
    const { source, clock, shell, wake } = world((_observed, now) =>
      now >= 1_020_000 ? { kind: 'start' } : { kind: 'wait', until: 1_020_000 },
    )
    source.newest = 0
    await wake()
    clock.now = 1_019_999
    await wake()
    expect(shell.later).toHaveLength(2)
  })

  test('what does not concern it is skipped without a run', async () => {
    const { source, there, wake, cursor } = world(() => ({ kind: 'skip' }))
    source.newest = 3
    expect(await wake()).toMatchObject({ kind: 'done', actions: 0 })
    expect(there.runs.size).toBe(0)
    expect((await cursor()).version).toBe(3)
  })
})
