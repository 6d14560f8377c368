import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type RunFields, runStatus } from '../../src/databricks/run-status.ts'

/** The values of Jobs API 2.2 in Databricks' SDKs, and an unknown one. */
const STATES = ['BLOCKED', 'PENDING', 'QUEUED', 'RUNNING', 'TERMINATING', 'WAITING', 'TERMINATED', 'HIBERNATING']
const CYCLES = [
  'BLOCKED',
  'INTERNAL_ERROR',
  'PENDING',
  'QUEUED',
  'RUNNING',
  'SKIPPED',
  'TERMINATED',
  'TERMINATING',
  'WAITING_FOR_RETRY',
  'HIBERNATING',
]
const RESULTS = [
  'CANCELED',
  'DISABLED',
  'EXCLUDED',
  'FAILED',
  'MAXIMUM_CONCURRENT_RUNS_REACHED',
  'SUCCESS',
  'SUCCESS_WITH_FAILURES',
  'TIMEDOUT',
  'UPSTREAM_CANCELED',
  'UPSTREAM_FAILED',
  'UPSTREAM_EVICTED',
  'SOMETHING_NEW',
]
const CODES = [
  'BREAKING_CHANGE',
  'BUDGET_POLICY_LIMIT_EXCEEDED',
  'CANCELED',
  'CLOUD_FAILURE',
  'CLUSTER_ERROR',
  'CLUSTER_REQUEST_LIMIT_EXCEEDED',
  'DISABLED',
  'DRIVER_ERROR',
  'FEATURE_DISABLED',
  'INTERNAL_ERROR',
  'INVALID_CLUSTER_REQUEST',
  'INVALID_RUN_CONFIGURATION',
  'LIBRARY_INSTALLATION_ERROR',
  'MAX_CONCURRENT_RUNS_EXCEEDED',
  'MAX_JOB_QUEUE_SIZE_EXCEEDED',
  'MAX_SPARK_CONTEXTS_EXCEEDED',
  'REPOSITORY_CHECKOUT_FAILED',
  'RESOURCE_NOT_FOUND',
  'RUN_EXECUTION_ERROR',
  'SKIPPED',
  'STORAGE_ACCESS_ERROR',
  'SUCCESS',
  'SUCCESS_WITH_FAILURES',
  'UNAUTHORIZED_ERROR',
  'USER_CANCELED',
  'WORKSPACE_RUN_LIMIT_EXCEEDED',
  'SOMETHING_NEW',
]
const ended = ['TERMINATED', 'SKIPPED', 'INTERNAL_ERROR']
const unknown = 'HIBERNATING'

function made(state?: string, code?: string, cycle?: string, result?: string, end_time = 0): RunFields {
  return {
    ...(state === undefined
      ? {}
      : { status: { state, ...(code === undefined ? {} : { termination_details: { code, message: 'said' } }) } }),
    ...(cycle === undefined
      ? {}
      : { state: { life_cycle_state: cycle, ...(result === undefined ? {} : { result_state: result }) } }),
    end_time,
  }
}

/** Every combination of the four fields, including absent ones. */
function* all(): Generator<[string?, string?, string?, string?]> {
  for (const state of [undefined, ...STATES])
    for (const code of [undefined, ...CODES])
      for (const cycle of [undefined, ...CYCLES])
        for (const result of [undefined, ...RESULTS]) yield [state, code, cycle, result]
}

describe('every combination of the fields of a run', () => {
  test('a run has not ended if any field says that it is still going', () => {
    for (const fields of all()) {
      const [state, , cycle] = fields
      const live = [state, cycle].some((one) => one !== undefined && one !== unknown && !ended.includes(one))
      if (live) expect([fields, runStatus(made(...fields)).kind]).toEqual([fields, 'running'])
    }
  })

  test('a run has succeeded only if no field contradicts that', () => {
    const good = ['SUCCESS', 'SUCCESS_WITH_FAILURES']
    for (const fields of all()) {
      const [state, code, cycle, result] = fields
      if (runStatus(made(...fields)).kind !== 'succeeded') continue
      const said = [state === undefined ? undefined : code, cycle === undefined ? undefined : result].filter(
        (one) => one !== undefined,
      )
      expect([fields, said.length > 0]).toEqual([fields, true])
      // A result takes precedence over SKIPPED.
      expect([fields, said.every((one) => good.includes(one) || one === 'SKIPPED')]).toEqual([fields, true])
    }
  })

  test('only a run that never started for lack of capacity is skipped', () => {
    const full =
      /^(MAX_CONCURRENT_RUNS_EXCEEDED|MAX_JOB_QUEUE_SIZE_EXCEEDED|WORKSPACE_RUN_LIMIT_EXCEEDED|MAXIMUM_CONCURRENT_RUNS_REACHED)$/
    for (const fields of all()) {
      const [state, said, cycle, of] = fields
      const [code, result] = [state === undefined ? undefined : said, cycle === undefined ? undefined : of]
      if (runStatus(made(...fields)).kind !== 'skipped') continue
      expect([fields, full.test(code ?? '') || full.test(result ?? '') || cycle === 'SKIPPED']).toEqual([fields, true])
      expect([fields, code === 'RUN_EXECUTION_ERROR' || result === 'FAILED']).toEqual([fields, false])
    }
  })
})

test.each<[string, RunFields, string]>([
  ['success', made('TERMINATED', 'SUCCESS', 'TERMINATED', 'SUCCESS', 1), 'succeeded'],
  ['success, new field alone', made('TERMINATED', 'SUCCESS'), 'succeeded'],
  ['success, old field alone', made(undefined, undefined, 'TERMINATED', 'SUCCESS'), 'succeeded'],
  [
    'a leaf task that tolerates failures',
    made('TERMINATED', 'SUCCESS_WITH_FAILURES', 'TERMINATED', 'SUCCESS_WITH_FAILURES'),
    'succeeded',
  ],
  ['failure', made('TERMINATED', 'RUN_EXECUTION_ERROR', 'TERMINATED', 'FAILED'), 'failed'],
  ['time-out', made('TERMINATED', 'CANCELED', 'TERMINATED', 'TIMEDOUT'), 'failed'],
  ['cancelled', made('TERMINATED', 'USER_CANCELED', 'TERMINATED', 'CANCELED'), 'failed'],
  [
    'a full job',
    made('TERMINATED', 'MAX_CONCURRENT_RUNS_EXCEEDED', 'SKIPPED', 'MAXIMUM_CONCURRENT_RUNS_REACHED'),
    'skipped',
  ],
  [
    'a full job, the code unspecific',
    made('TERMINATED', 'SKIPPED', 'SKIPPED', 'MAXIMUM_CONCURRENT_RUNS_REACHED'),
    'skipped',
  ],
  ['a full queue', made('TERMINATED', 'MAX_JOB_QUEUE_SIZE_EXCEEDED', 'SKIPPED'), 'skipped'],
  ['nothing to run', made('TERMINATED', 'SKIPPED', 'SKIPPED', 'EXCLUDED'), 'failed'],
  ['nothing ran, without a reason', made('TERMINATED', 'SKIPPED'), 'failed'],
  ['upstream', made('TERMINATED', 'SKIPPED', 'TERMINATED', 'UPSTREAM_FAILED'), 'failed'],
  ['a disabled job', made('TERMINATED', 'DISABLED', 'SKIPPED', 'DISABLED'), 'failed'],
  ['the platform', made('TERMINATED', 'INTERNAL_ERROR', 'INTERNAL_ERROR', 'FAILED'), 'failed'],
  ['queued', made('QUEUED', undefined, 'QUEUED'), 'running'],
  ['waiting for a retry', made('WAITING', undefined, 'WAITING_FOR_RETRY'), 'running'],
  ['ended without a result', made('TERMINATED', undefined, 'TERMINATED'), 'failed'],
  ['an unknown state, still going', made(unknown, undefined, unknown), 'running'],
  ['an unknown state, ended', made(unknown, undefined, unknown, undefined, 5), 'failed'],
  ['no fields at all', {}, 'running'],
])('%s', (_name, fields, kind) => {
  expect(runStatus(fields).kind).toBe(kind)
})

test('the reason has the result, the code and the message, and a maximum length', () => {
  expect(runStatus(made('TERMINATED', 'RUN_EXECUTION_ERROR', 'TERMINATED', 'FAILED'))).toEqual({
    kind: 'failed',
    reason: 'FAILED (RUN_EXECUTION_ERROR): said',
  })
  fc.assert(
    fc.property(fc.string({ maxLength: 5000, minLength: 400 }), (message) => {
      const status = runStatus({
        status: { state: 'TERMINATED', termination_details: { code: 'CLUSTER_ERROR', message } },
      })
      expect('reason' in status && status.reason.length).toBeLessThan(600)
    }),
    { seed: 20261122, numRuns: 50 },
  )
})
