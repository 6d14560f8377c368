import { testHistories } from '../suites/histories.ts'
import { bucketTwin } from '../twins/bucket.ts'
import { memoryBus } from '../twins/bus.ts'
import { glueTwin } from '../twins/glue.ts'
import { memoryLedger } from '../twins/ledger.ts'

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
