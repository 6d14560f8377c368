import type { LandedObject, LandingStore, LandingVersion } from '../../../src/tables/landing/landing-log.ts'

/** The landing logs in memory, with the same conditions: a version is written once, and each state names the revision it read. */
export interface LandingTwin extends LandingStore {
  /** Appends that succeeded, and that lost a race. */
  readonly transactions: { appended: number; conflict: number }
  /** Drops the states of deleted objects, as the ledger's time to live does. */
  forget(table: string): void
}

interface Log {
  readonly versions: Map<number, LandingVersion>
  readonly objects: Map<string, LandedObject>
  mark?: string | undefined
}

/** DynamoDB's own limits on a transaction and an item (developer guide, "Quotas"). */
const ITEMS = 100
const ITEM_BYTES = 400_000

export function memoryLandingLog(): LandingTwin {
  const logs = new Map<string, Log>()
  const logOf = (table: string): Log => {
    const log = logs.get(table) ?? { versions: new Map(), objects: new Map() }
    logs.set(table, log)
    return log
  }
  const transactions = { appended: 0, conflict: 0 }
  const newest = (table: string) => Math.max(-1, ...logOf(table).versions.keys())
  return {
    transactions,
    forget(table) {
      const { objects } = logOf(table)
      for (const [key, { content }] of objects) if (content === undefined) objects.delete(key)
    },
    newest: async (table) => newest(table),
    async objects(table, keys) {
      const { objects } = logOf(table)
      return new Map(keys.flatMap((key) => (objects.has(key) ? [[key, structuredClone(objects.get(key)!)]] : [])))
    },
    async append(table, version, objects) {
      const log = logOf(table)
      check(version, objects)
      const taken = version !== undefined && log.versions.has(version.version)
      if (taken || objects.some(({ key, revision }) => (log.objects.get(key)?.revision ?? 0) !== revision)) {
        transactions.conflict++
        return 'conflict'
      }
      if (version !== undefined) log.versions.set(version.version, structuredClone(version))
      for (const each of objects) log.objects.set(each.key, structuredClone({ ...each, revision: each.revision + 1 }))
      transactions.appended++
      return 'appended'
    },
    async *read(table, after, version) {
      const numbers = [...logOf(table).versions.keys()].filter((n) => n > after && n <= version).sort((a, b) => a - b)
      for (const each of numbers) yield structuredClone(logOf(table).versions.get(each)!)
    },
    async *walk(table, after) {
      const keys = [...logOf(table).objects.keys()]
        .sort(byUtf8)
        .filter((key) => after === undefined || byUtf8(key, after) > 0)
      for (const key of keys) {
        const found = logOf(table).objects.get(key)
        if (found !== undefined) yield structuredClone(found)
      }
    },
    async expire(table, upTo, limit) {
      const { versions } = logOf(table)
      const old = [...versions.keys()].filter((n) => n <= upTo && n < newest(table)).sort((a, b) => a - b)
      for (const each of old.slice(0, limit)) versions.delete(each)
      return Math.min(old.length, limit)
    },
    mark: async (table) => logOf(table).mark,
    async saveMark(table, after) {
      logOf(table).mark = after
    },
  }
}

function check(version: LandingVersion | undefined, objects: readonly LandedObject[]): void {
  if (objects.length + (version === undefined ? 0 : 1) > ITEMS) throw new Error('a transaction of more than 100 items')
  if (objects.length === 0) throw new Error('a transaction of no object')
  if (new Set(objects.map(({ key }) => key)).size < objects.length) throw new Error('an object twice in a transaction')
  if (version !== undefined && JSON.stringify(version).length > ITEM_BYTES)
    throw new Error('an item of more than 400 kB')
}

function byUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
