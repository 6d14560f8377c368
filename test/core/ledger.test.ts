import { testLedger } from './ledger.suite.ts'
import { memoryLedger } from './ledger.twin.ts'

testLedger('the twin', async () => memoryLedger())
