import { testLandingHistories } from '../../../suites/landing-histories.ts'
import { memoryLandingLog } from '../../../twins/landing-log.ts'
import { objectsTwin } from '../../../twins/table-objects.ts'

testLandingHistories('twins', 1_000, (versioned) => ({
  ground: { store: memoryLandingLog(), bucket: objectsTwin(versioned) },
  name: 'uploads',
}))
