import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { updateState, follow, rollBack, undo } from '../../../cli/rollback/rollback.ts'
import { newCursor, type Run } from '../../../src/core/ledger.ts'
import { type Desired, targetOf } from '../../../src/reactions/deployment/target.ts'
import {
  type Deployment,
  type DeploymentState,
  parseState,
  serializeState,
} from '../../../src/reactions/deployment/state.ts'
import { memoryLedger } from '../../core/ledger.twin.ts'

const NOW = 1_000_000
const key = { subject: 'endpoint/delay', reaction: 'deployment' }
const deployment = (number: number, version = String(number)): Deployment => ({
  config: `delay-v${version}-${number}`,
  version,
  number,
  at: number * 1_000,
  capacity: '1-1',
  registered: 'delay',
})
const desired = ({ config, version, registered, capacity }: Deployment): Desired => ({
  config,
  version,
  registered,
  capacity,
})
const endpoint = { status: 'InService', config: 'something', modified: 0 } as const
const [five, six, seven, eight] = [5, 6, 7, 8].map((n) => deployment(n)) as [
  Deployment,
  Deployment,
  Deployment,
  Deployment,
]
const serving: DeploymentState = { deployments: [seven, six, five] }
const candidateEight = { ...eight, restore: false, since: 8_000, from: seven.config }

/** The state after a rollback. */
function changed(state: DeploymentState, ask: Parameters<typeof rollBack>[2], isRunning = false): DeploymentState {
  const change = rollBack(state, isRunning, ask)
  if (change.kind === 'problem') throw new Error(change.problem)
  return change.state
}

describe('a rollback', () => {
  test('goes to the deployment before the serving one, and holds against the promoted version', () => {
    expect(rollBack(serving, false, { promoted: seven, now: NOW })).toEqual({
      kind: 'changed',
      from: seven,
      to: six,
      state: { ...serving, held: { to: six.config, heldAgainst: seven.version, at: NOW } },
    })
  })

  test('changes nothing when repeated before it is done; after that it goes back one more, and never returns', () => {
    const held = changed(serving, { promoted: seven, now: NOW })
    expect(rollBack(held, true, { promoted: seven, now: NOW + 1 })).toMatchObject({ kind: 'unchanged', to: six })
    expect(rollBack(held, false, { promoted: seven, now: NOW + 1 })).toMatchObject({ kind: 'unchanged', to: six })
    const there = { ...held, deployments: [{ ...six, at: NOW }, seven, five] }
    expect(rollBack(there, false, { promoted: seven, now: NOW + 2 })).toMatchObject({ kind: 'changed', to: five })
  })

  test('during a deployment goes to the serving version, after that deployment has ended', () => {
    const state = { ...serving, candidate: candidateEight }
    expect(rollBack(state, true, { promoted: eight, now: NOW })).toMatchObject({
      from: candidateEight,
      to: seven,
      state: { held: { to: seven.config, heldAgainst: eight.version } },
    })
  })

  test('--to accepts a kept version or configuration, and lists them for an unknown one', () => {
    for (const to of ['5', five.config])
      expect(rollBack(serving, false, { to, promoted: seven, now: NOW })).toMatchObject({ to: five })
    expect(rollBack(serving, false, { to: '9', promoted: seven, now: NOW })).toEqual({
      kind: 'problem',
      problem: 'version 9 is not kept (kept: 7, 6, 5)',
      advice: 'Promote an older version in the registry to deploy it again.',
    })
  })

  test('--to the promoted version releases the hold', () => {
    const held = {
      ...serving,
      deployments: [six, seven, five],
      held: { to: six.config, heldAgainst: seven.version, at: 1 },
    }
    expect(changed(held, { to: '7', promoted: seven, now: NOW })).toEqual({ deployments: [six, seven, five] })
  })

  test('is impossible where no earlier version is kept, or none ever served', () => {
    expect(rollBack({ deployments: [seven] }, false, { promoted: seven, now: NOW })).toEqual({
      kind: 'problem',
      problem: 'no version before 7 is kept (kept: 7)',
      advice: 'Promote an older version in the registry to deploy it again.',
    })
    expect(rollBack({ deployments: [] }, false, { now: NOW })).toMatchObject({ kind: 'problem' })
  })

  test('with an unknown promoted version, holds against the last one decided', () => {
    const failed = { config: eight.config, version: '8', reason: 'x', at: 9_000 }
    const ask = { promoted: 'unknown', now: NOW } as const
    expect(changed(serving, ask).held?.heldAgainst).toBe(seven.version)
    expect(changed({ ...serving, failed }, ask).held?.heldAgainst).toBe(eight.version)
    expect(changed({ ...serving, candidate: candidateEight }, ask, true).held?.heldAgainst).toBe(eight.version)
    const held = { to: six.config, heldAgainst: seven.version, at: 1 }
    expect(changed({ deployments: [six, seven, five], held }, ask).held).toMatchObject({
      to: five.config,
      heldAgainst: seven.version,
    })
  })

  test('with two configurations of the promoted version, goes back from the later one', () => {
    const [before, after] = [deployment(7, '7'), { ...deployment(8, '7'), at: 8_000 }]
    const held = changed({ deployments: [after, before] }, { promoted: after, now: NOW }).held
    expect(held).toMatchObject({ to: before.config, heldAgainst: after.version })
  })

  /** Deployments, the one that served last first; the promoted version serves, has failed or is being deployed. */
  const states = fc
    .record({
      order: fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 2 }),
      promoted: fc.constantFrom('serves', 'failed', 'in progress'),
    })
    .map(({ order, promoted }) => {
      const deployments = order.map((n) => deployment(n))
      const next = deployment(9)
      const state: DeploymentState = {
        deployments,
        ...(promoted === 'failed' && { failed: { config: next.config, version: '9', reason: 'x', at: 99_000 } }),
        ...(promoted === 'in progress' && { candidate: { ...next, since: 99_000, restore: false } }),
      }
      return { state, isRunning: promoted === 'in progress', promoted: promoted === 'serves' ? deployments[0]! : next }
    })

  test('makes the reaction go there, stay there, and follow the next promotion', () => {
    fc.assert(
      fc.property(states, fc.boolean(), ({ state, isRunning, promoted }, known) => {
        const change = rollBack(state, isRunning, { promoted: known ? promoted : 'unknown', now: NOW })
        if (change.kind === 'problem') return
        expect(targetOf({ desired: desired(promoted), endpoint, state: change.state })).toEqual({
          kind: 'restore',
          deployment: change.to,
        })
        const other = deployment(10)
        expect(targetOf({ desired: desired(other), endpoint, state: change.state })).toEqual({
          kind: 'deploy',
          desired: desired(other),
        })
        expect(targetOf({ desired: desired(promoted), endpoint, state: afterUndo(change.state) })).toEqual({
          kind: 'deploy',
          desired: desired(promoted),
        })
      }),
      { seed: 5, numRuns: 300 },
    )
  })
})

function afterUndo(state: DeploymentState): DeploymentState {
  const change = undo(state)
  if (change.kind === 'problem') throw new Error(change.problem)
  return change.state
}

describe('--undo', () => {
  test('clears the hold and the failure, and names the version that is deployed next', () => {
    const failed = { config: eight.config, version: '8', reason: 'x', at: 9_000 }
    expect(undo({ ...serving, failed })).toMatchObject({ kind: 'changed', from: seven, to: failed, state: serving })
    const held = { to: six.config, heldAgainst: seven.version, at: 1 }
    expect(undo({ ...serving, held })).toMatchObject({ kind: 'changed', to: seven, state: serving })
    expect(undo(serving)).toEqual({ kind: 'unchanged', from: seven, state: serving })
  })
})

describe('the cursor', () => {
  const run: Run = { token: 't', version: 8, committed: 0, attempt: 3, until: NOW + 900_000 }
  const refusal = { code: 'limit-exceeded', reason: 'no quota', version: 7, since: 0 }
  const saved = async (more: object) => {
    const ledger = memoryLedger()
    await ledger.save({ ...newCursor(key), version: 7, state: serializeState(serving), ...more })
    return ledger
  }
  const back = (state: DeploymentState, isRunning: boolean) => rollBack(state, isRunning, { promoted: seven, now: NOW })

  test('is read again when the reaction has written it in the meantime', async () => {
    const ledger = await saved({})
    let races = 2
    const racing: typeof ledger = {
      ...ledger,
      async save(next) {
        if (races-- > 0) {
          const state = serializeState({ deployments: [eight, seven, six] })
          await ledger.save({ ...(await ledger.cursor(key)), state })
        }
        return ledger.save(next)
      },
    }
    const { change } = await updateState(key, racing, (state, isRunning) =>
      rollBack(state, isRunning, { promoted: eight, now: NOW }),
    )
    expect(change).toMatchObject({ from: eight, to: seven })
    expect(parseState((await ledger.cursor(key)).state).held).toMatchObject({
      to: seven.config,
      heldAgainst: eight.version,
    })
  })

  test('loses a run that waits for a retry, and keeps one that SageMaker has started', async () => {
    const waits = await saved({ run, refusal })
    await updateState(key, waits, back)
    expect(await waits.cursor(key)).not.toHaveProperty('run')
    expect(await waits.cursor(key)).not.toHaveProperty('refusal')
    const started = { ...run, externalId: 'delay-v8-8' }
    const works = await saved({ run: started })
    await updateState(key, works, back)
    expect((await works.cursor(key)).run).toEqual(started)
  })

  test('is not written when the rollback is impossible', async () => {
    const ledger = await saved({ state: serializeState({ deployments: [seven] }) })
    const { revision } = await ledger.cursor(key)
    expect((await updateState(key, ledger, back)).change.kind).toBe('problem')
    expect((await ledger.cursor(key)).revision).toBe(revision)
  })
})

describe('following', () => {
  const clockOf = (onSleep: () => Promise<unknown>) => {
    let now = NOW
    const sleep = async (ms: number) => {
      now += ms
      await onSleep()
    }
    return { now: () => now, sleep, progress: () => {} }
  }
  const begun = async () => {
    const ledger = memoryLedger()
    await ledger.save({ ...newCursor(key), version: 7, state: serializeState(serving) })
    const write = async (state: DeploymentState, more: object = {}) =>
      ledger.save({ ...(await ledger.cursor(key)), state: serializeState(state), ...more })
    return { ledger, write }
  }

  test('ends when the version serves, and when the time is over', async () => {
    const { ledger, write } = await begun()
    const late = await follow(
      key,
      six.config,
      ledger,
      NOW + 10_000,
      clockOf(async () => {}),
    )
    expect(late).toEqual({ kind: 'late' })
    const there = clockOf(() => write({ deployments: [{ ...six, at: NOW }, seven] }))
    expect(await follow(key, six.config, ledger, NOW + 10_000, there)).toEqual({ kind: 'served' })
  })

  test('ends with the reason of a failure or refusal', async () => {
    const failing = await begun()
    const fails = clockOf(() => failing.write({ deployments: [seven, { ...six, failedAt: NOW + 1 }] }))
    expect(await follow(key, six.config, failing.ledger, NOW + 10_000, fails)).toMatchObject({ kind: 'failed' })
    const refused = await begun()
    const refusal = { code: 'deployment-gone', reason: 'it was deleted', version: 7, since: NOW }
    const refuses = clockOf(() => refused.write(serving, { refusal }))
    expect(await follow(key, six.config, refused.ledger, NOW + 10_000, refuses)).toEqual({
      kind: 'failed',
      reason: 'it was deleted',
    })
  })
})
