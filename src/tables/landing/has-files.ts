import type { LandingStore } from './landing-log.ts'

/** Whether any live file of the table lies in `folder`: relative to its location, with a slash at the end. */
export async function hasFiles(store: Pick<LandingStore, 'walk'>, table: string, folder: string): Promise<boolean> {
  for await (const { key, content } of store.walk(table, folder)) {
    if (!key.startsWith(folder)) return false
    if (content !== undefined) return true
  }
  return false
}
