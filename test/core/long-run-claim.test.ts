import { describe, expect, test } from '@jest/globals'
import { react } from '../../src/core/react.ts'
import type { LongReaction, Observation, Pace, Started } from '../../src/core/reaction.ts'
import { memoryShell } from './shell.twin.ts'

const subject = 'endpoint/delay'

/** The observation passed to each start, and the number of polls of the outside system. */
function world(starts: Started[], more: Partial<Pace> = {}) {
  const clock = { now: 1_000_000 }
  const seen: (Observation | undefined)[] = []
  const polls = { count: 0 }
  const reaction: LongReaction<Observation> = {
    name: 'move',
    pace: { lease: 60_000, poll: 30_000, backOff: 10_000, attempts: 3, ...more },
    observe: async () => ({ version: 7, committed: clock.now }),
    decide: () => ({ kind: 'start' }),
    async start(_run, _cursor, { observed }) {
      seen.push(observed)
      return starts.shift()!
    },
    async status() {
      polls.count++
      return { kind: 'running' }
    },
  }
  const shell = memoryShell({ now: () => clock.now })
  return { clock, seen, polls, shell, wake: () => react(reaction, { subject }, shell) }
}

describe('a start', () => {
  test('is handed what was just observed, and nothing when it takes over an older claim', async () => {
    const { wake, seen } = world([
      { kind: 'later', until: 2_000_000 },
      { kind: 'started', externalId: 'it' },
    ])
    await wake()
    await wake()
    expect(seen).toEqual([{ version: 7, committed: 1_000_000 }, undefined])
  })
})

describe('a run that was just started', () => {
  test('is polled at once', async () => {
    const { wake, polls } = world([{ kind: 'started', externalId: 'it' }])
    expect((await wake()).kind).toBe('running')
    expect(polls.count).toBe(1)
  })

  test('is polled later if it takes long in any case, or as soon as an event comes', async () => {
    const { wake, polls, shell } = world([{ kind: 'started', externalId: 'it' }], { firstPoll: 45_000 })
    expect((await wake()).kind).toBe('running')
    expect([polls.count, shell.later]).toEqual([0, [{ wake: { subject }, delay: 45_000 }]])
    await wake()
    expect(polls.count).toBe(1)
  })
})
