import type { Bus } from '../../core/bus.ts'
import { publishOne } from '../../core/bus.ts'
import type { EpochMs } from '../../core/time.ts'
import type { Table } from '../../lake/lake.ts'
import type { Ledger } from '../../core/ledger.ts'
import { reactionsOfTable } from '../../reactions/index.ts'
import type { LandingStore } from '../../tables/landing/landing-log.ts'
import type { TableObjects } from '../../tables/landing/objects.ts'
import { repair } from '../../tables/landing/repair.ts'
import { tableChanged } from './s3-intake.ts'

export interface FileSweep {
  /** The lake's name. */
  readonly lake: string
  readonly store: LandingStore
  objectsOf(table: Table): TableObjects
  readonly ledger: Pick<Ledger, 'cursors'>
  readonly bus: Bus
  now(): EpochMs
  /** True if there is no time left. The next sweep continues where this one stopped. */
  stop(): boolean
}

/** The result of a sweep for one table of files. */
export interface SweptFiles {
  /** Number of keys, of the bucket or of the log. */
  readonly compared: number
  readonly added: number
  readonly removed: number
  /** Old versions removed from the log. */
  readonly expired: number
  /** True if part of the table is left for the next sweep. */
  readonly more: boolean
}

/** Keys of one table in one sweep: 50 pages of a listing. */
const MAX_KEYS = 50_000
/** Versions that stay for `landfall replay`, even after all reactions have passed them. */
const KEPT_VERSIONS = 1_000
/** Versions removed in one sweep. */
const MAX_EXPIRED = 2_500
/** Tables at a time: a small table takes only a few calls, and a lake may have thousands. */
const CONCURRENCY = 8

/**
 * Compares the landing log of each table with its objects, publishes what was repaired, and removes old versions. A table that
 * fails does not stop the others. Each sweep begins with a different table, so that no table is always left out when time
 * runs out.
 *
 * @throws {AggregateError} at the end, with the reasons why some tables could not be swept
 */
export async function sweepFiles(tables: readonly Table[], ports: FileSweep): Promise<Record<string, SweptFiles>> {
  const first = tables.length === 0 ? 0 : ports.now() % tables.length
  const waiting = [...tables.slice(first), ...tables.slice(0, first)].values()
  const swept: Record<string, SweptFiles> = {}
  const failures: Error[] = []
  const worker = async (): Promise<void> => {
    for (const table of waiting) {
      if (ports.stop()) return
      try {
        swept[table.name] = await sweepTable(table, ports)
      } catch (cause) {
        failures.push(new Error(`the landing log of ${table.name} could not be swept`, { cause }))
      }
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('; '))
  return swept
}

async function sweepTable(table: Table, ports: FileSweep): Promise<SweptFiles> {
  const { store, lake, bus } = ports
  const landing = { store, objects: ports.objectsOf(table), now: () => ports.now() }
  const limits = { keys: MAX_KEYS, stop: () => ports.stop() }
  const { compared, added, removed, version, after } = await repair(landing, table.name, limits)
  if (version >= 0) await publishOne(bus, tableChanged(lake, table, version))
  return { compared, added, removed, expired: await expire(table, ports), more: after !== undefined }
}

/** A version may be removed once every reaction of its table has passed it. */
async function expire(table: Table, { store, ledger }: FileSweep): Promise<number> {
  const subject = `table/${table.name}`
  const reactions = reactionsOfTable(table)
  const [newest, cursors] = await Promise.all([
    store.newest(table.name),
    ledger.cursors(reactions.map((reaction) => ({ subject, reaction }))),
  ])
  const passed = Math.min(newest - KEPT_VERSIONS, ...cursors.map(({ version }) => version))
  return passed < 0 ? 0 : store.expire(table.name, passed, MAX_EXPIRED)
}
