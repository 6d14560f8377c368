/** How reactions meet a Delta log: `catalog` keeps its record, `announce` tells of its versions, `job` asks for its files. */
import type { ReactResult } from '../../../src/core/shell.ts'
import { react } from '../../../src/core/react.ts'
import { Refused } from '../../../src/core/refused.ts'
import type { Table } from '../../../src/lake/lake.ts'
import { deltaVersions } from '../../../src/reactions/announce/delta-versions.ts'
import { announceReaction } from '../../../src/reactions/announce/reaction.ts'
import { catalogReaction } from '../../../src/reactions/catalog/reaction.ts'
import { deltaLog } from '../../../src/tables/delta/log.ts'
import { readSnapshot } from '../../../src/tables/delta/snapshot.ts'
import { memoryBus } from '../../core/bus.twin.ts'
import { memoryShell } from '../../core/shell.twin.ts'
import { glueTwin } from '../../glue/glue.twin.ts'
import type { MemoryStore } from '../../tables/table-store.twin.ts'

/** What may come of a log, beside what is wrong with one of its files. */
export const LOG_ANSWERS: readonly string[] = [
  'read',
  'not-a-delta-table',
  'no-such-version',
  'version-gap',
  'no-protocol',
  'no-metadata',
  'unknown-reader-version',
  'unknown-reader-feature',
  'catalog-managed-table',
  'no-in-commit-timestamp',
  'too-many-files',
  'duplicate-column',
  'bad-column-name',
  'unknown-type',
  'type-too-long',
  'invalid-in-glue',
]

const table: Table = {
  name: 'orders',
  location: { bucket: 'lake', prefix: 'orders' },
  format: 'delta',
  partitions: [],
  catalog: { database: 'silver', table: 'orders' },
  announce: true,
}
const wake = { subject: 'table/orders' }

/** Bytes. Small inputs are many, so each is read in one of the ways; large ones in all. */
const SMALL = 16 * 1024

export const isLarge = ({ length }: Uint8Array): boolean => length > SMALL

/** The whole state: `catalog` and its record, or every live file. */
export async function readWhole(store: MemoryStore, input: Uint8Array): Promise<string> {
  const [forCatalog, forFiles] = isLarge(input) ? [true, true] : [input.length % 4 < 2, input.length % 4 >= 2]
  const catalog = catalogReaction({ tables: { orders: table }, storeOf: () => store, glue: glueTwin() })
  const recorded = forCatalog ? answerOf(await react(catalog, wake, memoryShell({}))) : 'read'
  const listed = forFiles ? await refusable(() => listFiles(store)) : undefined
  return listed ?? recorded
}

async function listFiles(store: MemoryStore): Promise<undefined> {
  let bytes = 0
  for (const { size, path } of (await readSnapshot(store)).files) bytes += size + path.length
  if (Number.isNaN(bytes)) throw new Error('a file has no size')
}

/** Each version on its own: `announce`, and the changes that `job` and `catalog-files` ask for. */
export async function readVersions(store: MemoryStore, newest: number): Promise<string> {
  const [bus, log] = [memoryBus(), deltaLog(store)]
  const announce = announceReaction({
    lake: 'lake',
    tables: { orders: table },
    versionsOf: () => deltaVersions(store),
    bus,
  })
  const announced = answerOf(await react(announce, wake, memoryShell({ bus })))
  return (
    (await refusable(async () => {
      await log.change(-1, newest)
      await log.newFiles(-1, newest)
      return undefined
    })) ?? announced
  )
}

function answerOf(result: ReactResult): string {
  return result.kind === 'refused' ? result.refusal.code : 'read'
}

async function refusable(work: () => Promise<undefined>): Promise<string | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refused) return error.code
    throw error
  }
}
