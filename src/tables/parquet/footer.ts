/** The footer of a Parquet file: its schema, and where its columns are (parquet.thrift, `FileMetaData`). */
import type { RandomAccess } from '../store.ts'
import { LARGEST_FOOTER, LARGEST_SCHEMA, MOST_GROUPS, MOST_ROWS, within } from './limits.ts'
import { readSchema, type SchemaNode } from './schema.ts'
import { ThriftReader } from './thrift.ts'

/** Bytes of the end of a file that are fetched at once. Most footers are shorter. */
const FIRST_FETCH = 1 << 16
/** The footer's length and the magic number behind it. */
const TAIL = 8
const MAGIC = 0x31524150
/** Instead of the magic number, if the footer is encrypted (Parquet modular encryption). */
const ENCRYPTED = 0x45524150

export interface Footer {
  readonly schema: SchemaNode
  /** Read when they are asked for: the columns' names and types are in the schema. */
  groups(): RowGroup[]
}

export interface RowGroup {
  readonly rows: number
  /** Its columns, as far as they have one of these paths. They are read from the footer each time. */
  columns(paths: readonly (readonly string[])[]): (ColumnChunk | undefined)[]
}

/** Where one column of a row group is (parquet.thrift, `ColumnMetaData`). */
export interface ColumnChunk {
  readonly path: readonly string[]
  /** By parquet.thrift's names: `SNAPPY`, … */
  readonly codec: string
  /** Values, nulls included, of all its pages. */
  readonly values: number
  /** Its first byte in the file. */
  readonly start: number
  /** Bytes. */
  readonly size: number
}

/** @throws Error for a file that is not Parquet, or whose footer is damaged. Errors of the store are passed on. */
export async function readFooter(file: RandomAccess): Promise<Footer> {
  return parseFooter(await footerBytes(file, LARGEST_FOOTER))
}

/**
 * The schema alone. Of a large footer only the beginning is read: what comes after the schema, the places of the columns, may
 * take a hundred megabytes where there are many columns or row groups. @throws as {@link readFooter}
 */
export async function readSchemaOf(file: RandomAccess): Promise<SchemaNode> {
  const bytes = await footerBytes(file)
  if (bytes.length < LARGEST_SCHEMA) return parseFooter(bytes).schema
  const reader = new ThriftReader(bytes)
  let schema: SchemaNode | undefined
  reader.struct((id) => {
    if (id !== 2) return false
    schema = readSchema(reader)
    return 'enough'
  })
  if (schema === undefined) throw new Error('its footer has no schema')
  return schema
}

/** The whole footer of at most `most` bytes or, where that is not given, as much as a schema may need. */
async function footerBytes(file: RandomAccess, most?: number): Promise<Uint8Array> {
  const fetched = Math.max(0, file.byteLength - FIRST_FETCH)
  const end = new Uint8Array(await file.slice(fetched, file.byteLength))
  if (end.length < TAIL) throw new Error(`a file of ${end.length} bytes is too short`)
  const tail = new DataView(end.buffer, end.byteOffset + end.length - TAIL, TAIL)
  if (tail.getUint32(4, true) === ENCRYPTED) throw new Error('its footer is encrypted')
  if (tail.getUint32(4, true) !== MAGIC) throw new Error('it does not end in PAR1')
  const limit = Math.min(most ?? file.byteLength, file.byteLength - TAIL)
  const size = within(limit, tail.getUint32(0, true), 'bytes of the footer')
  if (size + TAIL <= end.length) return end.subarray(end.length - TAIL - size, end.length - TAIL)
  // Again with its end: joining the two would hold a large one twice.
  const start = file.byteLength - TAIL - size
  return new Uint8Array(await file.slice(start, start + (most === undefined ? Math.min(size, LARGEST_SCHEMA) : size)))
}

function parseFooter(bytes: Uint8Array): Footer {
  const reader = new ThriftReader(bytes)
  let schema: SchemaNode | undefined
  let groups: ThriftReader | undefined
  reader.struct((id) => {
    if (id === 4) groups = reader.fork()
    if (id !== 2) return false
    schema = readSchema(reader)
    return true
  })
  if (schema === undefined || groups === undefined) throw new Error('its footer has no schema or no row groups')
  const found = groups
  return { schema, groups: () => readGroups(found.fork()) }
}

function readGroups(reader: ThriftReader): RowGroup[] {
  const groups: RowGroup[] = []
  reader.list(() => {
    within(MOST_GROUPS, groups.length + 1, 'row groups')
    groups.push(readGroup(reader))
  })
  return groups
}

/** Skips the columns: a footer may have millions, of which a reader needs a few. */
function readGroup(reader: ThriftReader): RowGroup {
  const group = reader.fork()
  let rows: number | undefined
  reader.struct((id) => {
    if (id !== 3) return false
    rows = reader.integer()
    return true
  })
  return { rows: within(MOST_ROWS, rows, 'rows of a row group'), columns: (paths) => readColumns(group.fork(), paths) }
}

function readColumns(reader: ThriftReader, paths: readonly (readonly string[])[]): (ColumnChunk | undefined)[] {
  const found = paths.map((): ColumnChunk | undefined => undefined)
  const wanted = new Map(paths.map((path, at) => [JSON.stringify(path), at]))
  reader.struct((id) => {
    if (id !== 1) return false
    reader.list(() => {
      const column = readColumn(reader)
      const at = column && wanted.get(JSON.stringify(column.path))
      if (at !== undefined) found[at] = column && chunkOf(column)
    })
    return true
  })
  return found
}

interface ReadColumn {
  path?: string[]
  codec?: number
  values?: number
  size?: number
  data?: number
  dictionary?: number
  isElsewhere?: boolean
}

function readColumn(reader: ThriftReader): ReadColumn {
  const column: ReadColumn = {}
  reader.struct((id) => {
    if (id === 1) column.isElsewhere = reader.text() !== ''
    else if (id === 3) reader.struct((field) => readColumnField(reader, field, column))
    else return false
    return true
  })
  return column
}

function readColumnField(reader: ThriftReader, id: number, column: ReadColumn): boolean {
  if (id === 3) {
    const path: string[] = []
    reader.list(() => path.push(reader.text()))
    column.path = path
  } else if (id === 4) column.codec = reader.integer()
  else if (id === 5) column.values = reader.integer()
  else if (id === 7) column.size = reader.integer()
  else if (id === 9) column.data = reader.integer()
  else if (id === 11) column.dictionary = reader.integer()
  else return false
  return true
}

const CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW']

function chunkOf({ path = [], codec = -1, values, size, data, dictionary = 0, isElsewhere }: ReadColumn): ColumnChunk {
  const what = `column ${path.join('.')}`
  if (isElsewhere === true) throw new Error(`${what} is in another file`)
  const dataStart = within(Number.MAX_SAFE_INTEGER, data, `${what}: position of its data`)
  return {
    path,
    codec: CODECS[codec] ?? `number ${codec}`,
    values: within(Number.MAX_SAFE_INTEGER, values, `${what}: values`),
    // A dictionary comes before the data. Some writers put 0 where there is none.
    start: dictionary > 0 && dictionary < dataStart ? dictionary : dataStart,
    size: within(Number.MAX_SAFE_INTEGER, size, `${what}: bytes`),
  }
}
