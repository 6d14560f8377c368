import { testLedger } from '../../suites/ledger.ts'
import { memoryLedger } from '../../twins/ledger.ts'

testLedger('the twin', async () => memoryLedger())
