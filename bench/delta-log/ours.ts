/** Reads one snapshot in its own process. Prints the result, the time and the peak memory. */
import { folderStore } from '../../src/tables/node/folder.ts'
import { readSnapshot } from '../../src/tables/delta/snapshot.ts'
import { peakMemory } from '../../test/world/peak-memory.ts'

const started = performance.now()
const { version, totals } = await readSnapshot(folderStore(process.argv[2] ?? ''))
const seconds = (performance.now() - started) / 1000
const megabytes = peakMemory()
console.log(
  JSON.stringify({ version, files: totals.files, bytes: totals.bytes, rows: totals.rows, seconds, megabytes }),
)
