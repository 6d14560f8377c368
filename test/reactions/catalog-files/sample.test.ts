import { expect, test } from '@jest/globals'
import { inflate } from '../../../src/tables/node/decompressors.ts'
import { readFile } from '../../../src/reactions/catalog-files/sample.ts'
import { MemoryStore } from '../../tables/table-store.twin.ts'

test('A file that was deleted before it is read is gone, not refused', async () => {
  expect(await readFile('a.json', 'json', new MemoryStore(), inflate)).toEqual({ kind: 'gone' })
})
