import { describe, expect, test } from '@jest/globals'
import type { Deliveries } from '../../../src/intake/webhook/ports.ts'

/** The contract of every store of deliveries; run on the twin and on DynamoDB. */
export function testDeliveries(name: string, make: () => Promise<Deliveries>): void {
  describe(`${name} as a store of deliveries`, () => {
    test('knows exactly the sources and ids that it remembered, once or repeatedly', async () => {
      const deliveries = await make()
      const path = '/registries/main'
      expect(await deliveries.known(path, 'a')).toBe(false)
      const until = Date.parse('2999-01-01')
      await deliveries.remember(path, 'a', until)
      await deliveries.remember(path, 'a', until)
      expect(await deliveries.known(path, 'a')).toBe(true)
      expect(await deliveries.known(path, 'b')).toBe(false)
      expect(await deliveries.known('/registries/other', 'a')).toBe(false)
    })
  })
}
