import { sha256 } from '../../src/node/sha256.ts'
import type { Shell } from '../../src/core/shell.ts'
import type { Wake } from '../../src/core/reaction.ts'
import { memoryBus } from './bus.twin.ts'
import { memoryLedger } from './ledger.twin.ts'

/** A shell on twins. Scheduled wake-ups are kept in `later` for the test to deliver. */
export function memoryShell<S extends Partial<Shell>>(over: S) {
  const later: { wake: Wake; delay: number }[] = []
  return {
    lake: 'test',
    stage: 'prod',
    ledger: memoryLedger(),
    bus: memoryBus(),
    wakeLater: async (wake: Wake, delay: number) => void later.push({ wake, delay }),
    digest: sha256,
    now: () => 1_000,
    later,
    ...over,
  }
}
