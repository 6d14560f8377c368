import type { FileFormat } from '../../../../src/lake/lake.ts'
import { hiveType } from '../../../../src/glue/types.ts'
import { readFile, type Read } from '../../../../src/reactions/catalog-files/sample.ts'
import { inflate } from '../../../../src/tables/node/decompressors.ts'
import { MemoryStore } from '../../../tables/table-store.twin.ts'

export async function read(path: string, format: FileFormat, content: string | Uint8Array): Promise<Read> {
  const store = new MemoryStore()
  // A Buffer may be a part of a larger one.
  store.put(path, typeof content === 'string' ? content : new Uint8Array(content))
  return readFile(path, format, store, inflate)
}

/** The columns as Glue shows them, or the reason why there are none. */
export async function columns(path: string, format: FileFormat, content: string | Uint8Array): Promise<string> {
  const found = await read(path, format, content)
  if (found.kind === 'refused') return found.part.reason
  if (found.kind === 'gone') return 'gone'
  return found.file.schema.fields.map((each) => `${each.name} ${hiveType(each)}`).join(', ')
}
