import { type CountedRejection, type Cursor, type Ledger, newCursor } from '../../src/core/ledger.ts'

/** The ledger in memory. As in DynamoDB, a write succeeds only on the revision that it names. */
export function memoryLedger(): Ledger {
  const cursors = new Map<string, Cursor>()
  const rejections = new Map<string, CountedRejection>()
  return {
    async cursor(key) {
      return cursors.get(`${key.subject} ${key.reaction}`) ?? newCursor(key)
    },
    async save(next) {
      const key = `${next.subject} ${next.reaction}`
      if ((cursors.get(key)?.revision ?? 0) !== next.revision) return 'conflict'
      cursors.set(key, structuredClone({ ...next, revision: next.revision + 1 }))
      return 'saved'
    },
    async reject(rejection, at) {
      const key = `${rejection.source}/${rejection.code}/${rejection.about}`
      const { count = 0, first = at } = rejections.get(key) ?? {}
      rejections.set(key, { ...rejection, sample: rejection.sample ?? '', count: count + 1, first, last: at })
    },
    async cursors(keys) {
      return keys.map((key) => cursors.get(`${key.subject} ${key.reaction}`) ?? newCursor(key))
    },
    async rejections() {
      return [...rejections.values()].sort((a, b) => b.last - a.last)
    },
  }
}
