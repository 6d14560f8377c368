import { appendStates, type LandingPorts } from './append.ts'
import type { ObjectState } from './event.ts'
import { APPEND_LIMIT, type LandedObject } from './landing-log.ts'
import type { ListedObject, TableObjects } from './objects.ts'
import { byBytes, isData } from './paths.ts'

export interface RepairPorts extends LandingPorts {
  readonly objects: TableObjects
}

export interface Repaired {
  /** How many keys were compared, of the bucket and of the log. */
  readonly compared: number
  readonly added: number
  readonly removed: number
  /** The newest version that was appended; -1 for none. */
  readonly version: number
  /** The last key compared; `undefined` when the end was reached, so that the next comparison begins anew. */
  readonly after: string | undefined
}

export interface RepairLimits {
  /** At most so many keys; `Infinity` for a backfill. */
  readonly keys: number
  /** True when there is no time for more; asked at every key. */
  stop?(): boolean
  /** Told now and then how far it has come. */
  progress?(soFar: Repaired): void
}

/** So many keys are compared before the mark is moved: what a crash costs. */
const MARK_EVERY = 5_000

/**
 * Makes the log of `table` equal to a listing of its objects, beginning where the last comparison stopped: what events
 * lost, and what was there before the lake was, for which it is the backfill. Listing and log come in the same order, so
 * neither is held in memory. Safe beside every other writer: what differs is news like an event's, only without a place in
 * the order of events, so the bucket is asked before anything that the log knows is undone.
 */
export async function repair(ports: RepairPorts, table: string, limits: RepairLimits): Promise<Repaired> {
  const after = await ports.store.mark(table)
  const total = { compared: 0, added: 0, removed: 0, version: -1, after }
  let [news, unmarked]: [ObjectState[], number] = [[], 0]
  const flush = async (mark: boolean): Promise<void> => {
    if (news.length >= APPEND_LIMIT || (mark && news.length > 0)) {
      await append(ports, table, news, total)
      news = []
    }
    if (!mark) return
    await ports.store.saveMark(table, total.after)
    unmarked = 0
    limits.progress?.({ ...total })
  }
  for await (const { key, listed, landed } of sideBySide(ports, table, after)) {
    total.compared++
    total.after = key
    const each = difference(key, listed, landed)
    if (each !== undefined) news.push(each)
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
  news: readonly ObjectState[],
  total: { added: number; removed: number; version: number },
): Promise<void> {
  const { version, added, removed, failures } = await appendStates(ports, table, news)
  const [failure] = failures
  if (failure !== undefined)
    throw new Error(
      `the landing log of ${table} could not take in ${failures.size} objects, '${failure[0]}' among them`,
      {
        cause: failure[1],
      },
    )
  total.added += added
  total.removed += removed
  if (added + removed > 0) total.version = Math.max(total.version, version)
}

function difference(key: string, listed?: ListedObject, landed?: LandedObject): ObjectState | undefined {
  const { etag, size = 0 } = listed !== undefined && isData(key) ? listed : {}
  if (etag === undefined || size === 0)
    return landed?.content === undefined ? undefined : { key, sequencer: '', state: 'gone' }
  return landed?.content === etag ? undefined : { key, sequencer: '', state: { etag, size } }
}

interface Pair {
  readonly key: string
  readonly listed?: ListedObject
  readonly landed?: LandedObject
}

/** A merge of two sorted streams. */
async function* sideBySide({ objects, store }: RepairPorts, table: string, after?: string): AsyncGenerator<Pair> {
  const listing = objects.list(after)[Symbol.asyncIterator]()
  const log = store.walk(table, after)[Symbol.asyncIterator]()
  try {
    let [listed, landed] = await Promise.all([listing.next(), log.next()])
    while (listed.done !== true || landed.done !== true) {
      const order = listed.done === true ? 1 : landed.done === true ? -1 : byBytes(listed.value.key, landed.value.key)
      const pair = {
        ...(order <= 0 && listed.done !== true && { key: listed.value.key, listed: listed.value }),
        ...(order >= 0 && landed.done !== true && { key: landed.value.key, landed: landed.value }),
      }
      yield pair as Pair
      if (order <= 0) listed = await listing.next()
      if (order >= 0) landed = await log.next()
    }
  } finally {
    await Promise.all([listing.return?.(), log.return?.()])
  }
}
