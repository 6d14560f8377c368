import { describe, expect, test } from '@jest/globals'
import type { TableLog } from '../../src/tables/log.ts'
import { collect } from './landing/landing-log.suite.ts'

/** A table that a test writes to; each write is one version. Paths may be overwritten; a Delta log then gets another path. */
export interface LogWriter {
  readonly log: TableLog
  write(added: readonly string[], removed?: readonly string[]): Promise<void>
  /** Removes the versions up to and including `upTo`, as clean-up does. */
  forget(upTo: number): Promise<void>
}

/** The contract of a table's log, whatever the format. */
export function testTableLog(name: string, make: () => Promise<LogWriter>): void {
  const paths = (files: readonly { readonly path: string }[] | undefined) => files?.map(({ path }) => path).sort()

  describe(`${name} as the log of a table`, () => {
    test('an empty log has no version', async () => {
      const { log } = await make()
      expect(await log.newest(-1)).toBe(-1)
      expect(await log.newest(7)).toBe(-1)
    })

    test('the newest version is found from any starting point', async () => {
      const { log, write } = await make()
      for (const path of ['a', 'b', 'c']) await write([path])
      for (const after of [-1, 0, 1, 2, 3, 99]) expect(await log.newest(after)).toBe(2)
    })

    test('several versions are one change, without files that were added and removed within them', async () => {
      const { log, write } = await make()
      await write(['dt=1/a', 'dt=2/b'])
      await write(['dt=3/c'], ['dt=1/a'])
      await write(['dt=4/d'], ['dt=3/c'])
      const all = await log.change(-1, 2)
      expect(all).toMatchObject({ after: -1, version: 2, dataChange: true })
      expect(paths(all?.added)).toEqual(['dt=2/b', 'dt=4/d'])
      const later = await log.change(0, 2)
      expect(paths(later?.added)).toEqual(['dt=4/d'])
      expect(paths(later?.removed)).toContain('dt=1/a')
      expect(later?.added[0]).toMatchObject({ size: 'dt=4/d'.length, partitionValues: { dt: '4' }, deletedRows: 0 })
      expect(paths((await log.newFiles(-1, 2))?.files)).toEqual(['dt=2/b', 'dt=4/d'])
      expect(paths((await log.newFiles(1, 2))?.files)).toEqual(['dt=4/d'])
    })

    test('a version that does not exist yet, or no longer, makes the whole change undefined', async () => {
      const { log, write, forget } = await make()
      for (const path of ['a', 'b', 'c']) await write([path])
      expect(await log.change(-1, 3)).toBeUndefined()
      expect(await log.newFiles(-1, 3)).toBeUndefined()
      await forget(0)
      expect(await log.change(-1, 2)).toBeUndefined()
      expect(await log.newFiles(-1, 2)).toBeUndefined()
      expect(paths((await log.change(0, 2))?.added)).toEqual(['b', 'c'])
    })

    test('live files come with their version, and later files are in the change after it', async () => {
      const { log, write } = await make()
      await write(['dt=1/a', 'dt=1/b'])
      await write(['dt=1/c'], ['dt=1/a'])
      const live = await log.live(0)
      expect(live.version).toBe(1)
      expect(live.timestamp).toBe((await log.change(0, 1))?.timestamp)
      await write(['dt=1/d'], ['dt=1/b'])
      const seen = new Set((await collect(live.files)).map(({ path }) => path))
      const since = await log.change(live.version, 2)
      for (const { path } of since?.removed ?? []) seen.delete(path)
      for (const { path } of since?.added ?? []) {
        // A file in both would be processed twice.
        expect(seen.has(path)).toBe(false)
        seen.add(path)
      }
      expect([...seen].sort()).toEqual(['dt=1/c', 'dt=1/d'])
    })
  })
}
