import type { Deliveries } from '../../../src/intake/webhook/ports.ts'

/** Deliveries in memory. `failures` are thrown first, one a call. */
export interface DeliveriesTwin extends Deliveries {
  /** Until when, in ms since the epoch, by path and id. */
  readonly kept: Map<string, number>
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
