import { describe, expect, test } from '@jest/globals'
import type { Alarms, AlarmSpec } from '../../../src/reactions/deployment/ports.ts'

export interface AlarmsWorld {
  readonly alarms: Alarms
  /** The names of the existing alarms. */
  names(): Promise<string[]>
}

/** The contract of every store of alarms. Each test uses its own endpoint. */
export function testAlarms(name: string, make: () => Promise<AlarmsWorld>): void {
  describe(`${name} as a store of alarms`, () => {
    test('alarms exist after any number of puts', async () => {
      const { alarms, names } = await make()
      await alarms.put([spec('put', 'errors'), spec('put', 'rejected'), spec('put', 'latency')])
      await alarms.put([spec('put', 'errors')])
      expect((await names()).filter((one) => one.startsWith('put-'))).toEqual([
        'put-errors',
        'put-latency',
        'put-rejected',
      ])
    })

    test('missing alarms do not keep the others from being removed', async () => {
      const { alarms, names } = await make()
      await alarms.put([spec('gone', 'errors'), spec('gone', 'latency')])
      await alarms.remove(['gone-errors', 'gone-never'])
      await alarms.remove(['gone-errors', 'gone-latency'])
      expect((await names()).filter((one) => one.startsWith('gone-'))).toEqual([])
    })

    test('more alarms can be removed than one call accepts', async () => {
      const { alarms, names } = await make()
      const many = Array.from({ length: 101 }, (_, i) => ({ ...spec('many', 'errors'), name: `many-${i}` }))
      await alarms.put(many)
      await alarms.remove(many.map((one) => one.name))
      expect((await names()).filter((one) => one.startsWith('many-'))).toEqual([])
    })

    test('empty lists do nothing', async () => {
      const { alarms, names } = await make()
      const before = await names()
      await alarms.put([])
      await alarms.remove([])
      expect(await names()).toEqual(before)
    })
  })
}

export const spec = (endpoint: string, metric: AlarmSpec['metric']): AlarmSpec => ({
  name: `${endpoint}-${metric}`,
  endpoint,
  config: `${endpoint}-v1-00000000`,
  metric,
  limit: metric === 'errors' ? 0.05 : 250_000,
})
