/** How `catalog-files` meets a file: it reads the columns, and makes the catalog's record of them and those it knows. */
import { Refused } from '../../../src/core/refused.ts'
import type { GlueLookup } from '../../../src/glue/ports.ts'
import type { CatalogTable } from '../../../src/glue/settings.ts'
import type { FileFormat } from '../../../src/lake/lake.ts'
import { decide, type ObservedFiles } from '../../../src/reactions/catalog-files/decide.ts'
import type { Sampled } from '../../../src/reactions/catalog-files/drift.ts'
import { readFile } from '../../../src/reactions/catalog-files/sample.ts'
import { inflate } from '../../../src/tables/node/decompressors.ts'
import { MemoryStore } from '../../tables/table-store.twin.ts'
import type { Parser, Seed } from '../parser.ts'

/** What may come of a file: its columns, or a refusal of the file, or of a record that Glue cannot hold. */
export const FILE_ANSWERS: Parser['answers'] = [
  'read',
  'files-unreadable',
  'schema-drift',
  'partition-column-in-file',
  'duplicate-column',
  'bad-column-name',
  'unknown-type',
  'type-too-long',
  'schema-too-long',
]

/** @param known a valid file, whose columns the catalog has already */
export function tableOfFiles(format: FileFormat, known: Seed): Parser['run'] {
  const table: CatalogTable = {
    name: 'uploads',
    location: { bucket: 'raw', prefix: 'uploads' },
    format,
    partitions: ['dt'],
    catalog: { database: 'bronze', table: 'uploads' },
  }
  const store = new MemoryStore('s3://raw/uploads')
  const read = (input: Uint8Array, place: string) => {
    store.calls.length = 0
    store.objects.clear()
    store.put(place, input)
    return readFile(place, format, store, inflate)
  }
  const observed = (found: GlueLookup, samples: readonly Sampled[]): ObservedFiles => ({
    table,
    found,
    samples,
    version: 1,
    committed: 17e11,
    refused: [],
    partitions: [],
    whole: false,
    emptied: [],
  })
  let before: Promise<GlueLookup> | undefined
  const record = async (): Promise<GlueLookup> => {
    const file = await read(known.wrap?.(known.bytes) ?? known.bytes, known.place)
    if (file.kind !== 'read') throw new Error(`the known file of ${format} is refused`)
    const create = decide(observed({ kind: 'no-table' }, [file.file])).actions[0]
    if (create?.kind !== 'create-table') throw new Error('expected to create the table')
    return { kind: 'table', versionId: '1', definition: create.definition }
  }
  return async (input, place) => {
    const found = await (before ??= record())
    const file = await read(input, place)
    if (file.kind === 'gone') return 'gone'
    if (file.kind === 'refused') return file.part.code
    try {
      const { refused = [] } = decide(observed(found, [file.file]))
      decide(observed({ kind: 'no-table' }, [file.file]))
      return refused[0]?.code ?? 'read'
    } catch (error) {
      if (error instanceof Refused) return error.code
      throw error
    }
  }
}
