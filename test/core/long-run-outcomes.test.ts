import { describe, expect, test } from '@jest/globals'
import { Refused } from '../../src/core/refused.ts'
import { ConflictError, react } from '../../src/core/react.ts'
import type { Ended, EndOfRun, LongReaction, Observation, RunStatus, Started } from '../../src/core/reaction.ts'
import { memoryShell } from './shell.twin.ts'

const subject = 'endpoint/delay'
const key = { subject, reaction: 'move' }
const pace = { lease: 60_000, poll: 30_000, backOff: 10_000, attempts: 3 }

/** A long reaction with one run to do. `starts` are the results of its starts, in order; the last one repeats. */
function world(starts: (() => Started)[], end?: (status: EndOfRun) => Ended) {
  const clock = { now: 1_000_000 }
  const state: { wanted: boolean; status: RunStatus } = { wanted: true, status: { kind: 'running' } }
  const tokens: string[] = []
  const reaction: LongReaction<Observation> = {
    name: 'move',
    pace,
    decide: () => (state.wanted ? { kind: 'start', state: 'what is made' } : { kind: 'wait', until: Infinity }),
    observe: async (_wake, cursor) => ({ version: cursor.version + 1, committed: clock.now }),
    async start({ token }) {
      tokens.push(token)
      const next = starts.length > 1 ? starts.shift() : starts[0]
      return next!()
    },
    status: async () => state.status,
    ...(end && { end: async (_run, status) => end(status) }),
  }
  const shell = memoryShell({ now: () => clock.now })
  return {
    clock,
    state,
    tokens,
    shell,
    wake: () => react(reaction, { subject }, shell),
    cursor: () => shell.ledger.cursor(key),
  }
}
const started: Started = { kind: 'started', externalId: 'it' }
const fact = (reason: string) => ({
  type: 'Run Failed' as const,
  detail: { lake: 'l', subject, reaction: 'other', after: 0, version: 1, attempt: 1, externalId: 'x', reason },
})

describe('a run that has to wait for something else', () => {
  test('is started at the next event or the scheduled wake-up, with the same token', async () => {
    const { shell, wake, tokens, cursor, clock } = world([() => ({ kind: 'later', until: 1_030_000 }), () => started])
    expect((await wake()).kind).toBe('running')
    expect(shell.later).toEqual([{ wake: { subject }, delay: 30_000 }])
    expect((await cursor()).run?.externalId).toBeUndefined()
    clock.now += 1_000
    await wake()
    expect((await cursor()).run?.externalId).toBe('it')
    expect(new Set(tokens).size).toBe(1)
  })
})

describe('a run that is no longer wanted', () => {
  test('is dropped, and the reaction observes again at once', async () => {
    const { state, wake, cursor } = world([
      () => {
        state.wanted = false
        return { kind: 'nothing' }
      },
    ])
    expect((await wake()).kind).toBe('idle')
    expect((await cursor()).run).toBeUndefined()
  })

  test('does not keep a function busy for ever', async () => {
    await expect(world([() => ({ kind: 'nothing' })]).wake()).rejects.toThrow(ConflictError)
  })
})

describe('what is recorded and published with a run', () => {
  test('its state, before anything is started, so that a crash during the start leaves nothing unknown', async () => {
    const { wake, cursor } = world([
      () => {
        throw new Error('died')
      },
    ])
    await expect(wake()).rejects.toThrow('died')
    expect(await cursor()).toMatchObject({ state: 'what is made', version: -1 })
  })

  test('its facts, when it is started', async () => {
    const { wake, shell } = world([() => ({ ...started, facts: [fact('begun')] })])
    await wake()
    expect(shell.bus.published).toEqual([fact('begun')])
  })
})

describe('the end of a run', () => {
  test('may be a final failure: the cursor moves past it, and the reaction observes again at once', async () => {
    const { state, wake, shell, cursor } = world([() => started], () => {
      state.wanted = false
      return { final: true, state: 'it failed', facts: [fact('for good')] }
    })
    await wake()
    state.status = { kind: 'failed', reason: 'no' }
    await wake()
    const { run, state: recorded, version, refusal } = await cursor()
    expect({ run, state: recorded, version, refusal }).toEqual({
      run: undefined,
      state: 'it failed',
      version: 0,
      refusal: undefined,
    })
    expect(shell.bus.published.map(({ type, detail }) => [type, 'reason' in detail ? detail.reason : ''])).toEqual([
      ['Run Failed', 'no'],
      ['Run Failed', 'for good'],
    ])
  })

  test('that could not be recorded is repeated, and then recorded', async () => {
    let ends = 0
    const { state, wake, cursor } = world([() => started], () => {
      ends += 1
      if (ends === 1) throw new Error('the registry is down')
      state.wanted = false
      return { state: 'done' }
    })
    await wake()
    state.status = { kind: 'succeeded' }
    await expect(wake()).rejects.toThrow('the registry is down')
    expect((await cursor()).run?.externalId).toBe('it')
    await wake()
    expect(await cursor()).toMatchObject({ state: 'done', version: 0 })
    expect(ends).toBe(2)
  })

  test('may be a passing failure: the run is retried after a while', async () => {
    const { state, wake, cursor, clock } = world([() => started], () => ({}))
    await wake()
    state.status = { kind: 'failed', reason: 'no instances', passing: true }
    await wake()
    expect((await cursor()).run).toMatchObject({ attempt: 2, until: clock.now + pace.backOff })
  })
})

describe('a start that is refused', () => {
  const refusal = new Refused('no-artifacts', 'there is nothing to serve')
  const refused = (state: string): Started => ({ kind: 'refused', refusal, state })

  test('is published once, and its state is recorded each time', async () => {
    let times = 0
    const { wake, cursor, shell } = world([() => refused(`done ${++times} times`)])
    for (let i = 0; i < 3; i++) expect((await wake()).kind).toBe('refused')
    const { state, run, refusal: known } = await cursor()
    expect([state, run, known?.code]).toEqual(['done 3 times', undefined, 'no-artifacts'])
    expect(shell.bus.published.map(({ type }) => type)).toEqual(['Reaction Refused'])
  })

  test('is cleared by a start that is not refused', async () => {
    const { wake, cursor } = world([() => refused('nothing'), () => ({ kind: 'later', until: 1_030_000 })])
    await wake()
    expect((await wake()).kind).toBe('running')
    expect((await cursor()).refusal).toBeUndefined()
  })
})

test.each(['started', 'later', 'done', 'failed', 'refused'] as const)(
  'a worker whose run an operator withdrew overwrites nothing that was recorded since (%s)',
  async (kind) => {
    const answers: Readonly<Record<typeof kind, Started>> = {
      started,
      later: { kind: 'later', until: 2_000_000 },
      done: { kind: 'done', state: 'theirs' },
      failed: { kind: 'failed', reason: 'boom' },
      refused: { kind: 'refused', refusal: new Refused('no-artifacts', 'nothing there'), state: 'theirs' },
    }
    let takeBack = async (): Promise<void> => undefined
    const { wake, cursor, shell, state } = world([() => answers[kind]])
    const { save } = shell.ledger
    const ledger = shell.ledger as { save: typeof save }
    // The operator writes just before the write that follows the claim.
    let writes = 0
    ledger.save = async (next) => {
      if (++writes === 2) await takeBack()
      return save(next)
    }
    takeBack = async () => {
      const { run: _given, ...rest } = await cursor()
      await save({ ...rest, state: 'ours' })
      state.wanted = false
    }
    await wake()
    expect(await cursor()).toMatchObject({ state: 'ours', revision: 2 })
    expect((await cursor()).run).toBeUndefined()
  },
)
