import { describe, expect, test } from '@jest/globals'
import { isBad, readStatus } from '../../../cli/status/status.ts'
import { statusText } from '../../../cli/status/text.ts'
import { modelOf } from '../../../cli/subjects.ts'
import { subjectResult } from '../../../cli/sweep/text.ts'
import type { Lake } from '../../../src/lake/lake.ts'
import { type Cursor, newCursor } from '../../../src/core/ledger.ts'
import { type DeploymentState, serializeState } from '../../../src/reactions/deployment/state.ts'
import { memoryLedger } from '../../core/ledger.twin.ts'
import { modelOf as modelWith } from '../../world/model-builder.ts'

const NOW = 1_700_000_000_000
const model = modelWith({ registered: 'Flight delay', endpoint: { name: 'delay-prod' } })
const lake: Lake = { name: 'flights', stage: 'prod', buckets: {}, tables: {}, models: { delay: model }, registries: {} }
const key = { subject: 'endpoint/delay-prod', reaction: 'deployment' }
const at = (version: string, ms: number) => ({
  config: `delay-prod-v${version}-1a2b3c4d`,
  version,
  number: Number(version) + 20,
  at: ms,
  capacity: '1-1',
  registered: 'delay',
})
const deployments = [at('7', NOW - 3_600_000), at('6', NOW - 7_200_000), at('5', NOW - 10_800_000)]
const cursorOf = (state: DeploymentState, more: Partial<Cursor> = {}): Cursor => ({
  ...newCursor(key),
  version: 27,
  committed: NOW - 3_900_000,
  done: NOW - 3_600_000,
  state: serializeState(state),
  ...more,
})

async function statusOf(cursor: Cursor) {
  const ledger = memoryLedger()
  await ledger.save(cursor)
  const ports = {
    ledger,
    queues: { depth: async () => ({ waiting: 0, inFlight: 0 }) },
    mappings: { of: async (fn: string) => [{ id: fn, state: 'Enabled' }] },
  }
  const status = await readStatus(lake, ports)
  return { status, text: statusText(status, NOW, 100).join('\n') }
}

describe('the status of an endpoint', () => {
  test('shows the model version that serves, since when, and the kept versions; not the number of deployments', async () => {
    const { status, text } = await statusOf(cursorOf({ deployments }))
    expect(status.subjects).toMatchObject([{ version: '7', state: 'current' }])
    expect(status.endpoints).toEqual([
      {
        endpoint: 'delay-prod',
        model: 'Flight delay',
        serves: { version: '7', config: deployments[0]!.config, since: new Date(NOW - 3_600_000).toISOString() },
        underway: null,
        failed: null,
        held: null,
        kept: ['6', '5'],
      },
    ])
    expect(text).toMatch(/endpoint\/delay-prod +deployment +7 +65 min ago +5 min +current/)
    expect(text).toMatch(/delay-prod +Flight delay +version 7 +60 min ago +6, 5/)
    expect(isBad(status)).toBe(false)
  })

  test('shows the deployment in progress, and its earlier failures', async () => {
    const candidate = { ...at('8', 0), since: NOW - 240_000, restore: false }
    const run = { token: 't', version: 28, committed: 0, attempt: 2, until: NOW, externalId: candidate.config }
    const { status, text } = await statusOf(cursorOf({ deployments, candidate }, { run }))
    expect(status.subjects).toMatchObject([{ version: '7', state: 'running' }])
    expect(text).toContain('endpoint/delay-prod: deploying version 8, decided 4 min ago, after 1 failure')
    expect(text).not.toContain('28')
  })

  test('that failed is reported with reason and advice, and exits with 1', async () => {
    const failed = { config: 'c', version: '8', reason: 'the alarm errors fired', at: NOW - 60_000 }
    const { status, text } = await statusOf(cursorOf({ deployments, failed }))
    expect(status.subjects).toMatchObject([{ version: '7', state: 'failed' }])
    expect(isBad(status)).toBe(true)
    expect(text).toContain('version 8 failed 60 s ago; version 7 is serving')
    expect(text).toContain('the alarm errors fired')
    expect(text).toContain('landfall rollback delay-prod --undo --stage prod')
  })

  test('that an operator rolled back is held, and exits with 0: it was intended', async () => {
    const held = { to: deployments[1]!.config, heldAgainst: deployments[0]!.version, at: NOW - 60_000 }
    const [seven, six, five] = deployments as [
      DeploymentState['deployments'][0],
      DeploymentState['deployments'][0],
      DeploymentState['deployments'][0],
    ]
    const { status, text } = await statusOf(cursorOf({ deployments: [six, seven, five], held }))
    expect(status.subjects).toMatchObject([{ version: '6', state: 'held' }])
    expect(isBad(status)).toBe(false)
    expect(text).toContain('held at version 6 for 60 s')
  })

  test('before the first deployment has no version, even after a failure', async () => {
    expect((await statusOf(newCursor(key))).status.subjects).toMatchObject([{ version: null, state: 'new' }])
    const failed = { config: 'c', version: '1', reason: 'x', at: NOW }
    const { text, status } = await statusOf(cursorOf({ deployments: [], failed }))
    expect(status.subjects).toMatchObject([{ version: null, state: 'failed' }])
    expect(text).toContain('version 1 failed 0 ms ago; no version has been deployed successfully yet')
  })

  test('is also the version in the result of a sweep', () => {
    const cursor = cursorOf({ deployments })
    expect(subjectResult(cursor, cursor, 'drained')).toMatchObject({ found: 'idle', version: '7' })
  })
})

test('an endpoint is found by name or subject; an unknown one is answered with the known ones', () => {
  expect(modelOf(lake, 'delay-prod')).toBe(model)
  expect(modelOf(lake, 'endpoint/delay-prod')).toBe(model)
  expect(() => modelOf(lake, 'delay')).toThrow("lake flights has no endpoint 'delay'; it has delay-prod")
})
