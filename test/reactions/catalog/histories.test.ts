import { testHistories } from './histories.suite.ts'
import { bucketTwin } from '../../tables/bucket.twin.ts'
import { memoryBus } from '../../core/bus.twin.ts'
import { glueTwin } from '../../glue/glue.twin.ts'
import { memoryLedger } from '../../core/ledger.twin.ts'

testHistories('twins', 1_000, () => {
  const bucket = bucketTwin()
  const glue = glueTwin()
  const ground = {
    put: async (key: string, body: string, at: number) => bucket.put(key, body, at),
    store: ({ location }: { location: { bucket: string; prefix: string } }) => bucket.store(location),
    glue,
    ledger: memoryLedger(),
    bus: memoryBus(),
    drop: async (database: string, table: string) => glue.drop(database, table),
  }
  return { ground, name: 'flights' }
})
