import type { LandingStore } from './landing-log.ts'

/** Whether the table has a live file in `folder`, which is relative to its location and ends in a slash. */
export async function hasFiles(store: Pick<LandingStore, 'walk'>, table: string, folder: string): Promise<boolean> {
  for await (const { key, content } of store.walk(table, folder)) {
    if (!key.startsWith(folder)) return false
    if (content !== undefined) return true
  }
  return false
}
