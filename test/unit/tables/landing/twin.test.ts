import { testLandingStore } from '../../../suites/landing-log.ts'
import { memoryLandingLog } from '../../../twins/landing-log.ts'

const store = memoryLandingLog()
testLandingStore('The twin', async () => store)
