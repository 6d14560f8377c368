import { describe, expect, test } from '@jest/globals'
import { Refused } from '../../src/core/refused.ts'
import type { Run } from '../../src/core/ledger.ts'
import { react } from '../../src/core/react.ts'
import type { Ended, EndOfRun, LongReaction, Observation, RunStatus, Started } from '../../src/core/reaction.ts'
import { memoryShell } from './shell.twin.ts'

const subject = 'table/flights'
const key = { subject, reaction: 'load' }
const pace = { lease: 60_000, poll: 30_000, backOff: 10_000, attempts: 3 }

/** A load of `steps` steps. The start of a step answers `answers[step]`, by default `started`. */
function load({
  steps = 3,
  answers = {},
  end,
}: {
  steps?: number
  answers?: Record<number, (run: Run) => Started | Promise<Started>>
  end?: (status: EndOfRun) => Ended
} = {}) {
  const clock = { now: 1_000_000 }
  const source = { newest: 4 }
  const started: Run[] = []
  const ended: [step: number | undefined, EndOfRun][] = []
  const outside: { status: RunStatus } = { status: { kind: 'running' } }
  const reaction: LongReaction<Observation> = {
    name: 'load',
    pace,
    observe: async (_wake, cursor) =>
      source.newest > cursor.version ? { version: source.newest, committed: 7 } : undefined,
    decide: () => ({ kind: 'start', state: 'planned', steps }),
    async start(run) {
      started.push(run)
      outside.status = { kind: 'running' }
      return answers[run.step ?? 0]?.(run) ?? { kind: 'started', externalId: `statement ${started.length}` }
    },
    status: async () => outside.status,
    async end(run, status) {
      ended.push([run.step, status])
      return end?.(status) ?? {}
    },
  }
  const shell = memoryShell({ now: () => clock.now })
  const wake = () => react(reaction, { subject }, shell)
  const succeed = () => {
    outside.status = { kind: 'succeeded' }
    return wake()
  }
  const fail = () => {
    outside.status = { kind: 'failed', reason: 'disk full' }
    return wake()
  }
  const stepsStarted = () => started.map(({ step = 0 }) => step)
  const cursor = () => shell.ledger.cursor(key)
  return { clock, source, started, ended, outside, reaction, shell, wake, succeed, fail, stepsStarted, cursor }
}

describe('a run of several steps', () => {
  test('starts each when the one before it succeeded, under its own token, and ends after the last', async () => {
    const { wake, succeed, started, ended, shell, cursor } = load()
    expect(await wake()).toMatchObject({ kind: 'running' })
    for (const step of [1, 2]) {
      expect(await succeed()).toMatchObject({ kind: 'running' })
      expect(await cursor()).toMatchObject({ version: -1, run: { step, steps: 3, attempt: 1 } })
      expect(ended).toEqual([])
      expect(shell.bus.published).toEqual([])
    }
    expect(await succeed()).toMatchObject({ kind: 'done', actions: 1 })
    expect(started.map(({ step, externalId }) => [step, externalId])).toEqual(
      [0, 1, 2].map((step) => [step, undefined]),
    )
    expect(new Set(started.map(({ token }) => token)).size).toBe(3)
    expect(ended).toEqual([[2, { kind: 'succeeded' }]])
    expect(await cursor()).toMatchObject({ version: 4, committed: 7, state: 'planned' })
    expect(await cursor()).not.toHaveProperty('run')
    expect(shell.bus.published).toEqual([
      {
        type: 'Run Succeeded',
        detail: {
          lake: 'test',
          subject,
          reaction: 'load',
          after: -1,
          version: 4,
          step: 2,
          steps: 3,
          attempt: 1,
          externalId: 'statement 3',
        },
      },
    ])
  })

  test('keeps its versions, whatever is committed meanwhile', async () => {
    const { wake, succeed, source, started } = load({ steps: 2 })
    await wake()
    source.newest = 9
    await succeed()
    await succeed()
    expect(started.map(({ version, step }) => [version, step])).toEqual([
      [4, 0],
      [4, 1],
      [9, 0],
    ])
  })

  test('retries the step that failed and none before it, with attempts and back-off of its own', async () => {
    const { wake, succeed, fail, clock, stepsStarted, cursor } = load()
    await wake()
    await fail()
    clock.now += pace.backOff
    await wake()
    await succeed()
    const waits: number[] = []
    for (let i = 0; i < 2; i++) {
      await fail()
      const { run } = await cursor()
      waits.push((run?.until ?? 0) - clock.now)
      clock.now += 900_000
      await wake()
    }
    expect(waits).toEqual([10_000, 40_000])
    expect(stepsStarted()).toEqual([0, 0, 1, 1, 1])
    await succeed()
    expect((await cursor()).run).toMatchObject({ step: 2, attempt: 1 })
  })

  test('says at which step it failed, and is stuck there after the last attempt', async () => {
    const { wake, succeed, fail, clock, shell, cursor, stepsStarted } = load()
    await wake()
    await succeed()
    for (let i = 0; i < 3; i++) {
      await fail()
      clock.now += 900_000
      await wake()
    }
    expect(shell.bus.published.slice(0, 3)).toMatchObject(
      [1, 2, 3].map((attempt) => ({ type: 'Run Failed', detail: { step: 1, steps: 3, attempt, reason: 'disk full' } })),
    )
    expect((await cursor()).refusal).toMatchObject({
      code: 'stuck',
      reason: 'load failed 3 times on the versions 0 to 4, at step 2 of 3: disk full',
      advice: expect.stringContaining('landfall replay flights --from 0'),
    })
    const { refusal: _lifted, ...rest } = await cursor()
    await shell.ledger.save(rest)
    await wake()
    expect(stepsStarted()).toEqual([0, 1, 1, 1, 0])
  })

  test('starts a skipped step again, as the same attempt', async () => {
    const { wake, succeed, outside, clock, cursor, stepsStarted } = load()
    await wake()
    await succeed()
    outside.status = { kind: 'skipped', reason: 'busy' }
    await wake()
    expect((await cursor()).run).toMatchObject({ step: 1, steps: 3, attempt: 1, until: clock.now + pace.backOff })
    clock.now += pace.backOff
    await wake()
    expect(stepsStarted()).toEqual([0, 1, 1])
  })

  test('is skipped when a step fails finally', async () => {
    const { wake, succeed, fail, cursor } = load({ end: () => ({ final: true, state: 'gave up' }) })
    await wake()
    await succeed()
    await fail()
    expect(await cursor()).toMatchObject({ version: 4, state: 'gave up' })
  })

  test('must have a whole number of steps, at least one', async () => {
    await expect(load({ steps: 0 }).wake()).rejects.toThrow(RangeError)
    await expect(load({ steps: 1.5 }).wake()).rejects.toThrow(RangeError)
  })
})

describe('a worker that takes over a run of several steps', () => {
  test('starts the recorded step at once when a worker died before it claimed it', async () => {
    const { wake, succeed, shell, stepsStarted, cursor } = load()
    await wake()
    const { save } = shell.ledger
    const ledger = shell.ledger as { save: typeof save }
    let saves = 0
    ledger.save = async (next) => {
      if (++saves === 2) throw new Error('died')
      return save(next)
    }
    await expect(succeed()).rejects.toThrow('died')
    expect((await cursor()).run).toMatchObject({ step: 1, attempt: 1 })
    await wake()
    expect(stepsStarted()).toEqual([0, 1])
  })

  test('sends the same token for the same step when a worker died while it started it', async () => {
    const died = { yet: false }
    const hang = (): Promise<Started> => {
      if (died.yet) return Promise.resolve({ kind: 'started', externalId: 'statement' })
      died.yet = true
      return new Promise(() => undefined)
    }
    const { wake, outside, clock, started, shell, reaction } = load({ answers: { 1: hang } })
    await wake()
    outside.status = { kind: 'succeeded' }
    void react(reaction, { subject }, shell)
    for (let turns = 0; started.length < 2 && turns < 1_000; turns++) await Promise.resolve()
    expect(await wake()).toMatchObject({ kind: 'running' })
    expect(started).toHaveLength(2)
    clock.now += pace.lease
    await wake()
    expect(started[2]).toMatchObject({ step: 1, token: started[1]?.token })
  })
})

describe('a start in the middle of a run', () => {
  test('that is `done` at once is followed by the next step, with its state', async () => {
    const { wake, succeed, stepsStarted, cursor } = load({ answers: { 1: () => ({ kind: 'done', state: 'staged' }) } })
    await wake()
    expect(await cursor()).toMatchObject({ state: 'planned', run: { step: 0 } })
    expect(await succeed()).toMatchObject({ kind: 'running' })
    expect(await cursor()).toMatchObject({ state: 'staged', version: -1, run: { step: 2, externalId: 'statement 3' } })
    expect(stepsStarted()).toEqual([0, 1, 2])
  })

  test('that succeeded at once is followed by the next step; after the last one the cursor moves', async () => {
    const succeeded = (run: Run): Started => ({ kind: 'succeeded', state: `after ${run.step ?? 0}` })
    const { wake, stepsStarted, cursor, ended, shell } = load({ answers: { 0: succeeded, 1: succeeded, 2: succeeded } })
    expect(await wake()).toMatchObject({ kind: 'done' })
    expect(stepsStarted()).toEqual([0, 1, 2])
    expect(await cursor()).toMatchObject({ version: 4, state: 'after 2' })
    expect(ended).toEqual([[2, { kind: 'succeeded' }]])
    expect(shell.bus.published).toMatchObject([{ type: 'Run Succeeded', detail: { step: 2, externalId: '' } }])
  })

  test('that is no longer wanted drops the run, and a new one begins at its first step', async () => {
    let wanted = false
    const once = (): Started => {
      const answer: Started = wanted ? { kind: 'started', externalId: 'it' } : { kind: 'nothing' }
      wanted = true
      return answer
    }
    const { wake, succeed, stepsStarted, cursor } = load({ answers: { 1: once } })
    await wake()
    expect(await succeed()).toMatchObject({ kind: 'running' })
    expect(stepsStarted()).toEqual([0, 1, 0])
    expect((await cursor()).run).toMatchObject({ step: 0, steps: 3 })
  })

  test.each([
    ['answered', (): Started => ({ kind: 'refused', refusal: new Refused('no-table', 'there is no such table') })],
    [
      'thrown',
      (): Started => {
        throw new Refused('no-table', 'there is no such table')
      },
    ],
  ])('that is refused drops the run, and a later one begins at its first step (%s)', async (_how, refused) => {
    const { wake, succeed, stepsStarted, cursor } = load({ answers: { 1: refused } })
    await wake()
    expect(await succeed()).toMatchObject({ kind: 'refused', refusal: { code: 'no-table' } })
    expect(await cursor()).not.toHaveProperty('run')
    await wake()
    expect(stepsStarted()).toEqual([0, 1, 0])
  })

  test('that has to wait is repeated with the same token', async () => {
    let busy = true
    const later = (): Started => (busy ? { kind: 'later', until: 1_030_000 } : { kind: 'started', externalId: 'it' })
    const { wake, succeed, started, cursor, shell } = load({ answers: { 1: later } })
    await wake()
    expect(await succeed()).toMatchObject({ kind: 'running' })
    expect(shell.later.at(-1)).toEqual({ wake: { subject }, delay: 30_000 })
    expect((await cursor()).run).toMatchObject({ step: 1, steps: 3 })
    busy = false
    await wake()
    expect(started.map(({ step }) => step)).toEqual([0, 1, 1])
    expect(started[2]?.token).toBe(started[1]?.token)
  })

  test('that failed leads to another attempt at this step', async () => {
    const { wake, succeed, clock, cursor, stepsStarted, shell } = load({
      answers: {
        1: ({ attempt }) => (attempt === 1 ? { kind: 'failed', reason: 'no' } : { kind: 'started', externalId: 'it' }),
      },
    })
    await wake()
    await succeed()
    expect((await cursor()).run).toMatchObject({ step: 1, attempt: 2 })
    expect(shell.bus.published).toMatchObject([{ type: 'Run Failed', detail: { step: 1, steps: 3, externalId: '' } }])
    clock.now += pace.backOff
    await wake()
    expect(stepsStarted()).toEqual([0, 1, 1])
  })
})

test('a last step that is `done` at once leaves the cursor, and the reaction observes again', async () => {
  const { wake, cursor, source, ended } = load({
    steps: 2,
    answers: {
      0: () => ({ kind: 'done', state: 'staged' }),
      1: () => {
        source.newest = -1
        return { kind: 'done', state: 'merged' }
      },
    },
  })
  expect(await wake()).toMatchObject({ kind: 'done' })
  expect(await cursor()).toMatchObject({ version: -1, state: 'merged' })
  expect(await cursor()).not.toHaveProperty('run')
  expect(ended).toEqual([])
})

test('a run of many quick steps continues in another invocation, and is not a failure', async () => {
  const answers = Object.fromEntries(
    Array.from({ length: 50 }, (_, step) => [step, (): Started => ({ kind: 'done', state: `${step}` })]),
  )
  answers[49] = () => ({ kind: 'succeeded' })
  const { wake, shell, cursor, stepsStarted } = load({ steps: 50, answers })
  let invocations = 0
  await wake()
  for (; shell.later.length > 0 && invocations < 10; invocations++) {
    expect(shell.later.splice(0)).toEqual([{ wake: { subject }, delay: 0 }])
    await wake()
  }
  expect(invocations).toBe(2)
  expect(await cursor()).toMatchObject({ version: 4, state: '48' })
  expect(stepsStarted()).toEqual(Array.from({ length: 50 }, (_, step) => step))
})

describe('the token of a run', () => {
  const tokens = async (steps: number) => {
    const { reaction, shell, outside, started } = load({ steps })
    const readable = { ...shell, digest: (text: string) => text }
    await react(reaction, { subject }, readable)
    outside.status = { kind: 'succeeded' }
    await react(reaction, { subject }, readable)
    return started.map(({ token }) => token)
  }

  test('of one step never changes, so that runs in flight stay valid', async () => {
    expect(await tokens(1)).toEqual(['["test","table/flights","load",-1,4,1,0]'])
  })

  test('includes the step', async () => {
    expect(await tokens(2)).toEqual([
      '["test","table/flights","load",-1,4,1,0]',
      '["test","table/flights","load",-1,4,1,3,1]',
    ])
  })
})
