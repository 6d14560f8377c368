import { testLandingStore } from './landing-log.suite.ts'
import { memoryLandingLog } from './landing-log.twin.ts'

const store = memoryLandingLog()
testLandingStore('The twin', async () => store)
