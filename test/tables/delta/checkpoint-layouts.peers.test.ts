import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { folderStore } from '../../../src/tables/node/folder.ts'
import { readSnapshot } from '../../../src/tables/delta/snapshot.ts'

const python = process.env['LANDFALL_PYTHON'] ?? join(import.meta.dirname, '../../../.venv/bin/python')
const root = mkdtempSync(join(tmpdir(), 'landfall-layouts-'))
afterAll(() => rmSync(root, { recursive: true }))

const printed = execFileSync(python, [join(import.meta.dirname, 'delta-checkpoints.py'), root], { encoding: 'utf8' })
const layouts = printed.trim().split('\n')

async function read(table: string) {
  const { timestamp: _, files, ...state } = await readSnapshot(folderStore(join(root, table)))
  return { ...state, files: [...files].sort((a, b) => a.path.localeCompare(b.path)) }
}

test('a table is read from its checkpoint alone, in each layout', async () => {
  expect(layouts.length).toBeGreaterThan(12)
  expect((await read('origin')).totals).toMatchObject({ files: 40, rows: 80 })
})

test.each(layouts)('a checkpoint in the layout %s reads as any other', async (layout) => {
  expect(await read(layout)).toEqual(await read('origin'))
})
