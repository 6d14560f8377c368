import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { folderStore } from '../../src/tables/node/folder.ts'
import { collect, testTableStore } from './table-store.suite.ts'
import { MemoryStore } from './table-store.twin.ts'

const root = mkdtempSync(join(tmpdir(), 'landfall-stores-'))
afterAll(() => rmSync(root, { recursive: true }))

testTableStore('the twin', async () => {
  const store = new MemoryStore()
  return { store, put: async (key, content) => store.put(key, content, Date.now()) }
})

testTableStore('a folder', async () => {
  const folder = mkdtempSync(join(root, 'table-'))
  const put = async (key: string, content: string) => {
    mkdirSync(dirname(join(folder, key)), { recursive: true })
    writeFileSync(join(folder, key), content)
  }
  return { store: folderStore(folder), put }
})

test('a missing folder is empty', async () => {
  const store = folderStore(join(root, 'nowhere'))
  expect(await collect(store.list('_delta_log/'))).toEqual([])
  expect(await store.get('_delta_log/_last_checkpoint')).toBeUndefined()
})
