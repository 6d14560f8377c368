import { RefusedTable } from '../../../src/tables/delta/refused.ts'
import { readSnapshot } from '../../../src/tables/delta/snapshot.ts'
import type { TableStore } from '../../../src/tables/store.ts'
import { type Action, add, classicKey, commitKey, key, logOf, pad, start, UUID, writtenAt } from './log-builder.ts'
import type { MemoryStore } from '../table-store.twin.ts'

export const names = async (store: TableStore, version?: number): Promise<string[]> =>
  Array.from((await readSnapshot(store, version)).files, (file) => file.path).sort()

export async function refusal(work: Promise<unknown>): Promise<RefusedTable> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof RefusedTable) return error
  throw new Error(`expected a RefusedTable, got ${String(error)}`)
}

/** Versions 0 to 4; file `n` is added in version n. */
export const five = [[...start, add('0')], [add('1')], [add('2')], [add('3')], [add('4')]]
export const upTo = (version: number, more: readonly Action[] = []): Action[] => [
  ...start,
  ...Array.from({ length: version + 1 }, (_, at) => add(String(at))),
  ...more,
]
export const without = (store: MemoryStore, ...versions: number[]): MemoryStore => {
  for (const version of versions) store.objects.delete(commitKey(version))
  return store
}
export const manifest = (version: number, format: string): string => key(`${pad(version)}.checkpoint.${UUID}.${format}`)
export const checkpointed = (content: Uint8Array | string, at = classicKey(3)): MemoryStore => {
  const store = without(logOf(five), 0, 1, 2)
  store.put(at, content, writtenAt(3))
  return store
}
