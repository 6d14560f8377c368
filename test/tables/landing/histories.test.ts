import { testLandingHistories } from './histories.suite.ts'
import { memoryLandingLog } from './landing-log.twin.ts'
import { objectsTwin } from './table-objects.twin.ts'

testLandingHistories('twins', 1_000, (versioned) => ({
  ground: { store: memoryLandingLog(), bucket: objectsTwin(versioned) },
  name: 'uploads',
}))
