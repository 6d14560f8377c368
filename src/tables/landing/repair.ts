import { appendStates, type LandingPorts } from './append.ts'
import type { ObjectState } from './event.ts'
import { APPEND_LIMIT, type LandedObject } from './landing-log.ts'
import type { ListedObject, TableObjects } from './objects.ts'
import { byBytes, isData } from './paths.ts'

interface RepairPorts extends LandingPorts {
  readonly objects: TableObjects
}

export interface Repaired {
  /** Keys that were compared, of the bucket and of the log. */
  readonly compared: number
  readonly added: number
  readonly removed: number
  /** The newest version that was appended; -1 when none was. */
  readonly version: number
  /** The last key compared; `undefined` when the end was reached and the next comparison starts over. */
  readonly after: string | undefined
}

interface RepairLimits {
  /** The most keys to compare; `Infinity` for a backfill. */
  readonly keys: number
  /** True when there is no time for more. Called at every key. */
  stop?(): boolean
  /** Called now and then with the progress. */
  progress?(soFar: Repaired): void
}

/** Keys between two saves of the progress: what a crash costs. */
const MARK_EVERY = 5_000

/**
 * Makes the log of `table` equal to a listing of its objects, from where the last comparison stopped. It repairs lost events,
 * and is the backfill of files that are older than the lake. Listing and log come in the same order, so neither is held
 * in memory. Safe beside other writers: a difference is handled like an event without a sequencer, so the bucket is asked
 * before anything in the log is undone.
 */
export async function repair(ports: RepairPorts, table: string, limits: RepairLimits): Promise<Repaired> {
  const after = await ports.store.mark(table)
  const total = { compared: 0, added: 0, removed: 0, version: -1, after }
  let [states, unmarked]: [ObjectState[], number] = [[], 0]
  const flush = async (mark: boolean): Promise<void> => {
    if (states.length >= APPEND_LIMIT || (mark && states.length > 0)) {
      await append(ports, table, states, total)
      states = []
    }
    if (!mark) return
    await ports.store.saveMark(table, total.after)
    unmarked = 0
    limits.progress?.({ ...total })
  }
  for await (const { key, listed, logged } of sideBySide(ports, table, after)) {
    total.compared++
    total.after = key
    const each = difference(key, listed, logged)
    if (each !== undefined) states.push(each)
    const enough = total.compared >= limits.keys || limits.stop?.() === true
    await flush(enough || ++unmarked >= MARK_EVERY)
    if (enough) return total
  }
  total.after = undefined
  await flush(true)
  return total
}

async function append(
  ports: RepairPorts,
  table: string,
  states: readonly ObjectState[],
  total: { added: number; removed: number; version: number },
): Promise<void> {
  const { version, added, removed, failures } = await appendStates(ports, table, states)
  const [failure] = failures
  if (failure !== undefined)
    throw new Error(
      `${failures.size} objects, '${failure[0]}' among them, could not be appended to the landing log of ${table}`,
      {
        cause: failure[1],
      },
    )
  total.added += added
  total.removed += removed
  if (added + removed > 0) total.version = Math.max(total.version, version)
}

function difference(key: string, listed?: ListedObject, logged?: LandedObject): ObjectState | undefined {
  const { etag, size = 0 } = listed !== undefined && isData(key) ? listed : {}
  if (etag === undefined || size === 0)
    return logged?.content === undefined ? undefined : { key, sequencer: '', state: 'gone' }
  return logged?.content === etag ? undefined : { key, sequencer: '', state: { etag, size } }
}

interface Pair {
  readonly key: string
  readonly listed?: ListedObject
  readonly logged?: LandedObject
}

/** A merge of two sorted streams. */
async function* sideBySide({ objects, store }: RepairPorts, table: string, after?: string): AsyncGenerator<Pair> {
  const listing = objects.list(after)[Symbol.asyncIterator]()
  const log = store.walk(table, after)[Symbol.asyncIterator]()
  try {
    let [left, right] = await Promise.all([listing.next(), log.next()])
    while (left.done !== true || right.done !== true) {
      const order = left.done === true ? 1 : right.done === true ? -1 : byBytes(left.value.key, right.value.key)
      const listed = left.done === true || order > 0 ? undefined : left.value
      const logged = right.done === true || order < 0 ? undefined : right.value
      yield { key: listed?.key ?? logged?.key ?? '', listed, logged }
      if (order <= 0) left = await listing.next()
      if (order >= 0) right = await log.next()
    }
  } finally {
    await Promise.all([listing.return?.(), log.return?.()])
  }
}
