import type { Bus } from '../../core/bus.ts'
import { publishOne } from '../../core/bus.ts'
import type { Table } from '../../lake/lake.ts'
import type { Ledger } from '../../core/ledger.ts'
import { reactionsOfTable } from '../../reactions/index.ts'
import type { LandingStore } from '../../tables/landing/landing-log.ts'
import type { TableObjects } from '../../tables/landing/objects.ts'
import { repair } from '../../tables/landing/repair.ts'
import { tableChanged } from './s3-intake.ts'

export interface FileSweep {
  /** Of the lake. */
  readonly lake: string
  readonly store: LandingStore
  objectsOf(table: Table): TableObjects
  readonly ledger: Pick<Ledger, 'cursors'>
  readonly bus: Bus
  /** ms since the epoch. */
  now(): number
  /** True when there is no time for more: the rest is for the next sweep, which goes on from where this one stopped. */
  stop(): boolean
}

/** What a sweep found of one table of files. */
export interface SweptFiles {
  /** Keys of the bucket and of the log. */
  readonly compared: number
  readonly added: number
  readonly removed: number
  /** Old versions of the log that nobody needs any more. */
  readonly expired: number
  /** True when some of the table is left for the next sweep. */
  readonly more: boolean
}

/** At most so many keys of one table in one sweep: 50 pages of a listing. */
const KEYS = 50_000
/** So many versions stay for `landfall replay`, however far the reactions are. */
const KEPT = 1_000
/** At most so many versions are removed in one sweep. */
const EXPIRED = 2_500
/** Tables at a time: a short one costs a few calls, and a lake may have thousands. */
const AT_ONCE = 8

/**
 * Compares the landing log of each table with its objects and tells of what was repaired; lets go of old versions. A table
 * that fails does not stop the others. Tables that the time does not suffice for are not always the same ones, since each
 * sweep begins with another.
 *
 * @throws {AggregateError} when all that could be done is done, with why some tables could not be swept.
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
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('; '))
  return swept
}

async function sweepTable(table: Table, ports: FileSweep): Promise<SweptFiles> {
  const { store, lake, bus } = ports
  const landing = { store, objects: ports.objectsOf(table), now: () => ports.now() }
  const limits = { keys: KEYS, stop: () => ports.stop() }
  const { compared, added, removed, version, after } = await repair(landing, table.name, limits)
  if (version >= 0) await publishOne(bus, tableChanged(lake, table, version))
  return { compared, added, removed, expired: await expire(table, ports), more: after !== undefined }
}

/** A version may go once every reaction of its table has passed it. */
async function expire(table: Table, { store, ledger }: FileSweep): Promise<number> {
  const subject = `table/${table.name}`
  const reactions = reactionsOfTable(table)
  const [newest, cursors] = await Promise.all([
    store.newest(table.name),
    ledger.cursors(reactions.map((reaction) => ({ subject, reaction }))),
  ])
  const passed = Math.min(newest - KEPT, ...cursors.map(({ version }) => version))
  return passed < 0 ? 0 : store.expire(table.name, passed, EXPIRED)
}
