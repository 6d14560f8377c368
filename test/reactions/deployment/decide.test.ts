import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decide, isStillPlanned } from '../../../src/reactions/deployment/decide.ts'
import { type Deployment, type DeploymentState, parseState } from '../../../src/reactions/deployment/state.ts'
import {
  configOf,
  type Desired,
  isBusy,
  type ObservedEndpoint,
  targetOf,
} from '../../../src/reactions/deployment/target.ts'
import { modelOf } from '../../world/model-builder.ts'
import type { Endpoint, EndpointStatus } from '../../../src/reactions/deployment/ports.ts'

const SEED = 20_261_122
const NOW = 1_700_000_000_000
const MINUTE = 60_000

const desired = (version: number | string): Desired => ({
  config: `delay-v${version}`,
  version: String(version),
  registered: 'flight delay',
  capacity: '2-2',
})
const deployment = (version: number | string, over: Partial<Deployment> = {}): Deployment => ({
  ...desired(version),
  number: Number(version),
  at: NOW - Number(version),
  ...over,
})
const endpoint = (config: string, status: EndpointStatus = 'InService', pending?: string): Endpoint => ({
  status,
  config,
  modified: NOW,
  ...(pending === undefined ? {} : { pending }),
})
const observed = (over: Partial<ObservedEndpoint>): ObservedEndpoint => ({
  model: modelOf(),
  version: 7,
  committed: NOW,
  state: { deployments: [] },
  ...over,
})
const started = (of: ObservedEndpoint) => {
  const decision = decide(of, NOW)
  if (decision.kind !== 'start') throw new Error(`it waits: ${JSON.stringify(decision)}`)
  return parseState(decision.state)
}

/** With an endpoint that serves another configuration. */
const target = (wanted: Desired | undefined, state: DeploymentState) =>
  targetOf({ state, endpoint: endpoint('by-hand'), ...(wanted && { desired: wanted }) })

/** Any state and observation of four versions. */
const config = fc.constantFrom('1', '2', '3', '4')
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const status = fc.constantFrom<EndpointStatus>(
  'Creating',
  'Updating',
  'SystemUpdating',
  'RollingBack',
  'InService',
  'Deleting',
  'Failed',
  'OutOfService',
  'UpdateRollbackFailed',
)
const anyObserved = fc
  .record({
    wanted: maybe(config),
    at: maybe(fc.record({ config, status, pending: maybe(config) })),
    deployments: fc.uniqueArray(config, { maxLength: 3 }),
    failed: maybe(config),
    pending: maybe(fc.record({ config, restore: fc.boolean() })),
    held: maybe(fc.record({ to: config, heldAgainst: maybe(config) })),
    leftovers: fc.uniqueArray(config, { maxLength: 2 }),
    isUnscaled: fc.boolean(),
  })
  .map(({ wanted, at, deployments, failed, pending, held, leftovers, isUnscaled }) =>
    observed({
      desired: wanted && desired(wanted),
      endpoint: at && endpoint(`delay-v${at.config}`, at.status, at.pending && `delay-v${at.pending}`),
      state: {
        // A version that worked once and failed later is restored last.
        deployments: deployments.map((v) => deployment(v, v === failed ? { failedAt: NOW - 60 * MINUTE } : {})),
        failed: failed && { config: `delay-v${failed}`, version: failed, reason: '', at: 0 },
        candidate: pending && { ...desired(pending.config), number: 6, restore: pending.restore, since: 1 },
        held: held && { to: `delay-v${held.to}`, heldAgainst: held.heldAgainst, at: 1 },
        leftovers: leftovers.map((version) => ({ config: `delay-v${version}` })),
        scalingPending: isUnscaled || undefined,
      },
    }),
  )

describe('the target', () => {
  test('is what the registry asks for', () => {
    expect(target(desired(2), { deployments: [deployment(1)] })).toEqual({ kind: 'deploy', desired: desired(2) })
  })

  test('is what worked last if no version has the mark: a deleted alias takes nothing out of service', () => {
    expect(target(undefined, { deployments: [deployment(2), deployment(1)] })).toMatchObject({
      kind: 'restore',
      deployment: { version: '2' },
    })
  })

  test('is what worked last if the promoted version failed, until another version is promoted', () => {
    const failed = { config: 'delay-v3', version: '3', reason: 'no', at: NOW }
    const state = { deployments: [deployment(2)], failed }
    expect(target(desired(3), state)).toMatchObject({ kind: 'restore', deployment: { version: '2' } })
    expect(target(desired(4), state)).toMatchObject({ kind: 'deploy' })
  })

  test('is what worked last, before anything newer, if the endpoint failed or serves what failed', () => {
    const state: DeploymentState = { deployments: [deployment(1)] }
    const failed = { config: 'delay-v2', version: '2', reason: 'no', at: NOW }
    const onFailed = targetOf({ desired: desired(3), endpoint: endpoint('by-hand', 'Failed'), state })
    const onBad = targetOf({ desired: desired(3), endpoint: endpoint('delay-v2'), state: { ...state, failed } })
    for (const found of [onFailed, onBad])
      expect(found).toMatchObject({ kind: 'restore', deployment: { version: '1' } })
  })

  test('does not exist if the very first version failed', () => {
    expect(
      target(desired(1), { deployments: [], failed: { config: 'delay-v1', version: '1', reason: '', at: 0 } }),
    ).toBeUndefined()
  })

  test('is what an operator went back to, until the registry asks for something else', () => {
    const state: DeploymentState = {
      deployments: [deployment(3), deployment(2)],
      held: { to: 'delay-v2', heldAgainst: '3', at: NOW },
    }
    expect(configOf(target(desired(3), state)!)).toBe('delay-v2')
    expect(configOf(target(desired(4), state)!)).toBe('delay-v4')
    expect(configOf(target(undefined, { ...state, held: { to: 'delay-v2', at: NOW } })!)).toBe('delay-v2')
  })

  test('is an older deployment if restoring the last one failed', () => {
    const state = {
      deployments: [deployment(3, { failedAt: NOW }), deployment(2)],
      failed: { config: 'delay-v4', version: '4', reason: '', at: 0 },
    }
    expect(configOf(target(desired(4), state)!)).toBe('delay-v2')
  })
})

describe('the decision', () => {
  test('starts if there is no endpoint, if it failed, and if somebody else updated it', () => {
    for (const each of [undefined, endpoint('delay-v1', 'Failed'), endpoint('by-hand')])
      expect(decide(observed({ desired: desired(1), ...(each && { endpoint: each }) }), NOW).kind).toBe('start')
  })

  test('records the candidate before anything is made for it, so that a crash leaves nothing unknown', () => {
    const state: DeploymentState = {
      deployments: [deployment(1)],
      candidate: { ...desired(2), number: 6, restore: false, since: 1 },
    }
    const next = started(observed({ desired: desired(3), endpoint: endpoint('delay-v1'), state }))
    expect(next.candidate).toMatchObject({ config: 'delay-v3', number: 7, restore: false, since: NOW })
    expect(next.leftovers).toEqual([{ config: 'delay-v2' }])
  })

  test('waits during an update that is not ours, and takes over one that is', () => {
    const busy = endpoint('delay-v1', 'Updating', 'delay-v2')
    expect(decide(observed({ desired: desired(3), endpoint: busy }), NOW)).toEqual({
      kind: 'wait',
      until: NOW + MINUTE,
    })
    expect(decide(observed({ desired: desired(2), endpoint: busy }), NOW).kind).toBe('start')
  })

  test('waits for the end of a rollback, even of our update', () => {
    const busy = endpoint('delay-v1', 'RollingBack', 'delay-v2')
    expect(decide(observed({ desired: desired(2), endpoint: busy }), NOW).kind).toBe('wait')
  })

  test('is to deploy while the endpoint is being updated to something else', () => {
    const busy = endpoint('delay-v2', 'InService', 'by-hand')
    const state = { deployments: [deployment(2)] }
    expect(started(observed({ desired: desired(2), endpoint: busy, state })).plan).toBe('deploy')
  })

  test('keeps the time of the first decision, however often it is retried', () => {
    const state: DeploymentState = {
      deployments: [deployment(1)],
      candidate: { ...desired(2), number: 6, restore: false, since: 1 },
    }
    const again = (version: number) =>
      started(observed({ desired: desired(version), endpoint: endpoint('delay-v1'), state }))
    expect([again(2).candidate?.since, again(3).candidate?.since]).toEqual([1, NOW])
  })

  test('does nothing when the target already serves and is recorded; an unrecorded one is followed to its end', () => {
    const there = { desired: desired(2), endpoint: endpoint('delay-v2') }
    expect(decide(observed({ ...there, state: { deployments: [deployment(2)] } }), NOW)).toEqual({
      kind: 'wait',
      until: Infinity,
    })
    expect(decide(observed(there), NOW).kind).toBe('start')
  })

  test('ignores an old plan that was dropped', () => {
    const there = { desired: desired(2), endpoint: endpoint('delay-v2') }
    const state: DeploymentState = { deployments: [deployment(2)], plan: 'deploy' }
    expect(decide(observed({ ...there, state }), NOW)).toEqual({ kind: 'wait', until: Infinity })
  })

  test('forgets a failure once the registry asks for something else, so that it can be promoted again', () => {
    const failed = { config: 'delay-v3', version: '3', reason: 'no', at: NOW }
    const there = { endpoint: endpoint('delay-v2'), state: { deployments: [deployment(2)], failed } }
    const next = started(observed({ ...there, desired: desired(2) }))
    expect(next).toEqual({ deployments: [deployment(2)], plan: 'clean-up' })
    expect(decide(observed({ ...there, desired: desired(3) }), NOW)).toEqual({ kind: 'wait', until: Infinity })
  })

  test('pauses before it restores the same deployment again', () => {
    const state = {
      deployments: [deployment(2, { failedAt: NOW - MINUTE })],
      failed: { config: 'delay-v3', version: '3', reason: '', at: 0 },
    }
    const decision = decide(observed({ desired: desired(3), endpoint: endpoint('delay-v3'), state }), NOW)
    expect(decision).toEqual({ kind: 'wait', until: NOW + 14 * MINUTE })
  })

  test("never starts during somebody else's update, nor for what is known not to work", () => {
    fc.assert(
      fc.property(anyObserved, (given) => {
        const { endpoint: found, state } = given
        const decision = decide(given, NOW)
        if (decision.kind !== 'start') return
        const { candidate, plan } = parseState(decision.state)
        if (plan === 'clean-up') return
        const isGoingThere =
          found?.pending === candidate?.config || (found?.status === 'Creating' && found.config === candidate?.config)
        if (found !== undefined && isBusy(found)) expect(isGoingThere).toBe(true)
        expect(candidate?.restore === false && candidate.config === state.failed?.config).toBe(false)
        if (candidate?.restore === true)
          expect(state.deployments.map(({ config }) => config)).toContain(candidate.config)
      }),
      { seed: SEED, numRuns: 5_000 },
    )
  })
})

describe('a plan', () => {
  const planned = (given: ObservedEndpoint): ObservedEndpoint | undefined => {
    const decision = decide(given, NOW)
    return decision.kind === 'start' ? { ...given, state: parseState(decision.state) } : undefined
  }

  test('holds while the observation stays the same', () => {
    fc.assert(
      fc.property(anyObserved, (given) => {
        const claimed = planned(given)
        if (claimed !== undefined) expect(isStillPlanned(claimed, NOW)).toBe(true)
      }),
      { seed: SEED, numRuns: 5_000 },
    )
  })

  test('does not hold once the target is another', () => {
    fc.assert(
      fc.property(anyObserved, config, (given, other) => {
        const claimed = planned(given)
        if (claimed === undefined) return
        const later = { ...claimed, desired: desired(other) }
        const target = targetOf(later)
        if (!isStillPlanned(later, NOW)) return
        const { plan, candidate } = claimed.state
        if (plan === 'clean-up') expect(target === undefined || configOf(target) === later.endpoint?.config).toBe(true)
        else expect([target?.kind, configOf(target!)]).toEqual([plan, candidate?.config])
      }),
      { seed: SEED, numRuns: 5_000 },
    )
  })

  test('that an older version of Landfall did not record does not hold', () => {
    const claimed = planned(observed({ desired: desired(2), endpoint: endpoint('delay-v1') }))!
    expect(isStillPlanned(claimed, NOW)).toBe(true)
    expect(isStillPlanned({ ...claimed, state: { ...claimed.state, plan: undefined } }, NOW)).toBe(false)
  })

  test('to clean up records what is due: the abandoned candidate and the tag of its version', () => {
    const state: DeploymentState = {
      deployments: [deployment(2)],
      candidate: { ...desired(3), number: 6, restore: false, since: 1 },
      leftovers: [{ config: 'delay-v1' }],
    }
    const there = { desired: desired(2), endpoint: endpoint('delay-v2') }
    expect(planned(observed({ ...there, state }))?.state).toEqual({
      plan: 'clean-up',
      deployments: [deployment(2)],
      leftovers: [{ config: 'delay-v1' }, { config: 'delay-v3' }],
      pendingReports: [expect.objectContaining({ version: '3', progress: 'superseded' })],
    })
    const refused = { ...state, candidate: { ...state.candidate!, refused: 'no files' } }
    expect(planned(observed({ ...there, state: refused }))?.state.pendingReports).toEqual(undefined)
  })

  test('to restore does not hold in the pause after restoring failed', () => {
    const failed = { config: 'delay-v3', version: '3', reason: '', at: 0 }
    const state = { deployments: [deployment(2)], failed }
    const claimed = planned(observed({ desired: desired(3), endpoint: endpoint('delay-v3'), state }))!
    expect(claimed.state.plan).toBe('restore')
    const deployments = [deployment(2, { failedAt: NOW - MINUTE })]
    expect(isStillPlanned({ ...claimed, state: { ...claimed.state, deployments } }, NOW)).toBe(false)
  })
})
