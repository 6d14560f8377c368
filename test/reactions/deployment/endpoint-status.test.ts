import { describe, expect, test } from '@jest/globals'
import { endpointStatus } from '../../../src/reactions/deployment/endpoint-status.ts'
import type { Endpoint } from '../../../src/reactions/deployment/ports.ts'

const NOW = 1_700_000_000_000
const seen = { modified: NOW - 60_000, until: NOW + 900_000 }
const stands = (endpoint: Partial<Endpoint> | undefined) =>
  endpointStatus(endpoint && { status: 'InService', config: 'new', modified: NOW, ...endpoint }, 'new', seen, NOW)

describe('a deployment', () => {
  test('serves only when in service on our configuration, with no other update pending', () => {
    expect(stands({})).toEqual({ kind: 'serving' })
    expect(stands({ pending: 'other' })).toEqual({ kind: 'running' })
  })

  test('that ended in service on the old configuration was rolled back, with the reason that SageMaker gives', () => {
    expect(stands({ config: 'old', failure: 'an alarm fired' })).toEqual({
      kind: 'failed',
      reason: 'an alarm fired',
      passing: false,
    })
  })

  test('is not mistaken for a rollback before SageMaker shows the update', () => {
    const old: Endpoint = { status: 'InService', config: 'old', failure: 'of last week', modified: seen.modified }
    expect(endpointStatus(old, 'new', seen, NOW)).toEqual({ kind: 'running' })
    // Only for a while: the update may never have reached SageMaker.
    expect(endpointStatus(old, 'new', seen, seen.until)).toMatchObject({ kind: 'failed' })
  })

  test.each(['Creating', 'Updating', 'SystemUpdating', 'RollingBack', 'Deleting'] as const)(
    'goes on while %s',
    (status) => {
      expect(stands({ status })).toEqual({ kind: 'running' })
    },
  )

  test('is retried if the model is not at fault', () => {
    expect(stands(undefined)).toMatchObject({ kind: 'failed', passing: true })
    expect(stands({ config: 'by hand' })).toMatchObject({ kind: 'failed', passing: true })
    // Either SageMaker rolled back and no longer has the reason, or somebody restored the old configuration.
    expect(stands({ config: 'old' })).toMatchObject({
      kind: 'failed',
      passing: true,
      reason: expect.stringMatching(/^old is in service instead: .*without a reason, or somebody else/),
    })
    expect(
      stands({
        status: 'Failed',
        failure: 'Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.',
      }),
    ).toMatchObject({ kind: 'failed', passing: true })
  })

  test('is not retried if its container does not start', () => {
    expect(stands({ status: 'Failed', failure: 'did not pass the ping health check' })).toMatchObject({
      passing: false,
    })
  })
})
