/** A table in a local folder. */
import { open, readFile, stat } from 'node:fs/promises'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Listed, type RandomAccess, requireSize, type StoredObject, type TableStore } from '../store.ts'
import { decompressors } from './decompressors.ts'

/** `folder` is absolute. */
export function folderStore(folder: string): TableStore {
  return {
    location: folder,
    decompressors,
    get: (key, most) => unlessMissing(() => getFile(folder, key, most)),
    open: (key) => unlessMissing(() => openFile(join(folder, key))),
    list: (prefix, after) => list(folder, prefix, after),
  }
}

async function getFile(folder: string, key: string, most?: number): Promise<StoredObject> {
  const path = join(folder, key)
  const { mtimeMs, size } = await stat(path)
  requireSize(key, size, most)
  return { bytes: await readFile(path), modified: Math.floor(mtimeMs) }
}

async function openFile(path: string): Promise<RandomAccess> {
  const { size } = await stat(path)
  return {
    byteLength: size,
    async slice(start, end = size) {
      const file = await open(path)
      try {
        // Not zero-filled, and not a slice of Node's shared pool.
        const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(end, size) - start))
        const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
        return bytesRead === bytes.length ? bytes.buffer : bytes.buffer.slice(0, bytesRead)
      } finally {
        await file.close()
      }
    },
  }
}

async function unlessMissing<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR'
}

/** Lists as S3 does: whole keys, in byte order. */
async function* list(folder: string, prefix: string, after = ''): AsyncGenerator<Listed> {
  const parent = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  for (const key of keysUnder(folder, parent)) {
    if (!key.startsWith(prefix) || key <= after) continue
    const found = statSync(join(folder, key), { throwIfNoEntry: false })
    if (found !== undefined) yield { key, size: found.size, modified: Math.floor(found.mtimeMs) }
  }
}

function* keysUnder(folder: string, parent: string): Generator<string> {
  const names = entriesOf(join(folder, parent)).map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
  for (const name of names.sort(byBytes)) {
    if (name.endsWith('/')) yield* keysUnder(folder, parent + name)
    else yield parent + name
  }
}

function entriesOf(path: string): { name: string; isDirectory(): boolean }[] {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}
