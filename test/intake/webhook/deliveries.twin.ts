import type { EpochMs } from '../../../src/core/time.ts'
import type { Deliveries } from '../../../src/intake/webhook/ports.ts'

/** Deliveries in memory. Each call first throws the next of `failures`, if there is one. */
interface DeliveriesTwin extends Deliveries {
  /** Until when each is remembered, by path and id. */
  readonly kept: Map<string, EpochMs>
  readonly failures: Error[]
  calls: number
}

export function memoryDeliveries(): DeliveriesTwin {
  const call = () => {
    twin.calls += 1
    const failure = twin.failures.shift()
    if (failure !== undefined) throw failure
  }
  const twin: DeliveriesTwin = {
    kept: new Map(),
    failures: [],
    calls: 0,
    async known(path, id) {
      call()
      return twin.kept.has(`${path} ${id}`)
    },
    async remember(path, id, until) {
      call()
      twin.kept.set(`${path} ${id}`, until)
    },
  }
  return twin
}
