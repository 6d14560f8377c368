import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decide } from '../../../src/reactions/deployment/decide.ts'
import { cleanup } from '../../../src/reactions/deployment/cleanup.ts'
import { type Deployment, type DeploymentState, parseState } from '../../../src/reactions/deployment/state.ts'
import {
  configOf,
  type Desired,
  isBusy,
  type ObservedEndpoint,
  targetOf,
} from '../../../src/reactions/deployment/target.ts'
import { modelOf } from './model-builder.ts'
import type { Endpoint, EndpointStatus } from '../../../src/reactions/deployment/sagemaker.ts'

const SEED = 20_261_122
const NOW = 1_700_000_000_000
const MINUTE = 60_000

const desired = (version: number): Desired => ({
  config: `delay-v${version}`,
  version: String(version),
  registered: 'flight delay',
  capacity: '2-2',
})
const deployment = (version: number, over: Partial<Deployment> = {}): Deployment => ({
  ...desired(version),
  number: version,
  at: NOW - version,
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

/** With an endpoint that serves something else. */
const target = (wanted: Desired | undefined, state: DeploymentState) =>
  targetOf({ state, endpoint: endpoint('by-hand'), ...(wanted && { desired: wanted }) })

describe('what is to serve', () => {
  test('is what the registry says', () => {
    expect(target(desired(2), { deployments: [deployment(1)] })).toEqual({ kind: 'deploy', desired: desired(2) })
  })

  test('is what worked last where no version has the mark: an alias that is deleted takes nothing out of service', () => {
    expect(target(undefined, { deployments: [deployment(2), deployment(1)] })).toMatchObject({
      kind: 'restore',
      deployment: { version: '2' },
    })
  })

  test('is what worked last where the promoted version failed, and that version again once another was promoted in between', () => {
    const failed = { config: 'delay-v3', version: '3', reason: 'no', at: NOW }
    const state = { deployments: [deployment(2)], failed }
    expect(target(desired(3), state)).toMatchObject({ kind: 'restore', deployment: { version: '2' } })
    expect(target(desired(4), state)).toMatchObject({ kind: 'deploy' })
  })

  test('is what worked before anything newer, where the endpoint failed or serves what failed: the newer one may not work either', () => {
    const state: DeploymentState = { deployments: [deployment(1)] }
    const failed = { config: 'delay-v2', version: '2', reason: 'no', at: NOW }
    const onFailed = targetOf({ desired: desired(3), endpoint: endpoint('by-hand', 'Failed'), state })
    const onBad = targetOf({ desired: desired(3), endpoint: endpoint('delay-v2'), state: { ...state, failed } })
    for (const found of [onFailed, onBad])
      expect(found).toMatchObject({ kind: 'restore', deployment: { version: '1' } })
  })

  test('is nothing where the first version that was ever promoted failed', () => {
    expect(
      target(desired(1), { deployments: [], failed: { config: 'delay-v1', version: '1', reason: '', at: 0 } }),
    ).toBeUndefined()
  })

  test('is what an operator went back to, until the registry says something else', () => {
    const state: DeploymentState = {
      deployments: [deployment(3), deployment(2)],
      held: { to: 'delay-v2', heldAgainst: '3', at: NOW },
    }
    expect(configOf(target(desired(3), state)!)).toBe('delay-v2')
    expect(configOf(target(desired(4), state)!)).toBe('delay-v4')
    expect(configOf(target(undefined, { ...state, held: { to: 'delay-v2', at: NOW } })!)).toBe('delay-v2')
  })

  test('is another that worked where going back to the last one failed', () => {
    const state = {
      deployments: [deployment(3, { failedAt: NOW }), deployment(2)],
      failed: { config: 'delay-v4', version: '4', reason: '', at: 0 },
    }
    expect(configOf(target(desired(4), state)!)).toBe('delay-v2')
  })
})

describe('the decision', () => {
  test('is to start where there is no endpoint, where it failed, and where somebody else put another configuration', () => {
    for (const each of [undefined, endpoint('delay-v1', 'Failed'), endpoint('by-hand')])
      expect(decide(observed({ desired: desired(1), ...(each && { endpoint: each }) }), NOW).kind).toBe('start')
  })

  test('says what is being made before it is made, so that a crash leaves nothing that nobody knows of', () => {
    const state: DeploymentState = {
      deployments: [deployment(1)],
      pending: { ...desired(2), number: 6, restore: false, since: 1 },
    }
    const next = started(observed({ desired: desired(3), endpoint: endpoint('delay-v1'), state }))
    expect(next.pending).toMatchObject({ config: 'delay-v3', number: 7, restore: false, since: NOW })
    expect(next.leftovers).toEqual([{ config: 'delay-v2' }])
  })

  test('is to wait while something is under way that is not ours, and to take over what is', () => {
    const busy = endpoint('delay-v1', 'Updating', 'delay-v2')
    expect(decide(observed({ desired: desired(3), endpoint: busy }), NOW)).toEqual({
      kind: 'wait',
      until: NOW + MINUTE,
    })
    expect(decide(observed({ desired: desired(2), endpoint: busy }), NOW).kind).toBe('start')
  })

  test('is to wait for the end of what is being taken back, although it was ours', () => {
    const busy = endpoint('delay-v1', 'RollingBack', 'delay-v2')
    expect(decide(observed({ desired: desired(2), endpoint: busy }), NOW).kind).toBe('wait')
  })

  test('is not that all is done while something else is about to take over', () => {
    const busy = endpoint('delay-v2', 'InService', 'by-hand')
    expect(
      cleanup({ desired: desired(2), endpoint: busy, state: { deployments: [deployment(2)] } }, NOW),
    ).toBeUndefined()
  })

  test('says since when a version has been on its way, however often it is begun', () => {
    const state: DeploymentState = {
      deployments: [deployment(1)],
      pending: { ...desired(2), number: 6, restore: false, since: 1 },
    }
    const again = (version: number) =>
      started(observed({ desired: desired(version), endpoint: endpoint('delay-v1'), state }))
    expect([again(2).pending?.since, again(3).pending?.since]).toEqual([1, NOW])
  })

  test('is nothing where what is to serve serves and is recorded; one that nobody recorded is followed to its end first', () => {
    const there = { desired: desired(2), endpoint: endpoint('delay-v2') }
    expect(decide(observed({ ...there, state: { deployments: [deployment(2)] } }), NOW)).toEqual({
      kind: 'wait',
      until: Infinity,
    })
    expect(decide(observed(there), NOW).kind).toBe('start')
  })

  test('forgets a failure once the registry says something else: what failed is tried again when it is promoted again', () => {
    const failed = { config: 'delay-v3', version: '3', reason: 'no', at: NOW }
    const there = { endpoint: endpoint('delay-v2'), state: { deployments: [deployment(2)], failed } }
    expect(decide(observed({ ...there, desired: desired(2) }), NOW)).toEqual({ kind: 'start' })
    const left = cleanup({ ...there, desired: desired(2) }, NOW)
    expect(left).toEqual({ state: { deployments: [deployment(2)] }, isEmpty: false, until: Infinity })
    expect(decide(observed({ ...there, desired: desired(3) }), NOW)).toEqual({ kind: 'wait', until: Infinity })
  })

  test('is not to go back to the same deployment again and again without a pause', () => {
    const state = {
      deployments: [deployment(2, { failedAt: NOW - MINUTE })],
      failed: { config: 'delay-v3', version: '3', reason: '', at: 0 },
    }
    const decision = decide(observed({ desired: desired(3), endpoint: endpoint('delay-v3'), state }), NOW)
    expect(decision).toEqual({ kind: 'wait', until: NOW + 14 * MINUTE })
  })

  test('never starts on a busy endpoint that goes elsewhere, and never for what is known not to work', () => {
    const config = fc.integer({ min: 1, max: 4 })
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
    const given = fc.record({
      wanted: fc.option(config, { nil: undefined }),
      at: fc.option(fc.record({ config, status, pending: fc.option(config, { nil: undefined }) }), { nil: undefined }),
      deployments: fc.uniqueArray(config, { maxLength: 3 }),
      failed: fc.option(config, { nil: undefined }),
    })
    fc.assert(
      fc.property(given, ({ wanted, at, deployments, failed }) => {
        const found =
          at &&
          endpoint(`delay-v${at.config}`, at.status, at.pending === undefined ? undefined : `delay-v${at.pending}`)
        const state: DeploymentState = {
          deployments: deployments.map((version) => deployment(version)),
          ...(failed === undefined
            ? {}
            : { failed: { config: `delay-v${failed}`, version: String(failed), reason: '', at: 0 } }),
        }
        const decision = decide(
          observed({ state, ...(wanted && { desired: desired(wanted) }), ...(found && { endpoint: found }) }),
          NOW,
        )
        if (decision.kind !== 'start') return
        const { pending } = parseState(decision.state)
        const isGoingThere =
          found?.pending === pending?.config || (found?.status === 'Creating' && found.config === pending?.config)
        if (found !== undefined && isBusy(found)) expect(isGoingThere).toBe(true)
        expect(pending?.restore === false && pending.config === state.failed?.config).toBe(false)
        if (pending?.restore === true) expect(deployments.map((v) => `delay-v${v}`)).toContain(pending.config)
      }),
      { seed: SEED, numRuns: 5_000 },
    )
  })
})
