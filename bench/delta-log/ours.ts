/** Reads one snapshot in a process of its own, and prints what it found, how long it took and how much memory at the most. */
import { folderStore } from '../../src/tables/node/folder.ts'
import { readSnapshot } from '../../src/tables/delta/snapshot.ts'

const started = performance.now()
const { version, totals } = await readSnapshot(folderStore(process.argv[2] ?? ''))
const seconds = (performance.now() - started) / 1000
const megabytes = process.resourceUsage().maxRSS / 1024
console.log(
  JSON.stringify({ version, files: totals.files, bytes: totals.bytes, rows: totals.rows, seconds, megabytes }),
)
