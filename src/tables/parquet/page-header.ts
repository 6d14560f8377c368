/** The header of a page (parquet.thrift, `PageHeader`). */
import { LARGEST_PAGE, MOST_PAGE_VALUES, within } from './limits.ts'
import { ThriftReader } from './thrift.ts'

export interface PageHeader {
  /** `undefined`: a page of another kind, which readers skip. */
  readonly kind: 'data' | 'data-v2' | 'dictionary' | undefined
  /** Bytes of the header itself. */
  readonly length: number
  /** Bytes that follow. */
  readonly compressed: number
  /** Bytes, decompressed; version 2 counts the levels too. */
  readonly uncompressed: number
  readonly values: number
  /** By parquet.thrift's names: `PLAIN`, … */
  readonly encoding: string
  /** Only of version 2: bytes. */
  readonly repetition: number
  readonly definition: number
  readonly isCompressed: boolean
}

const KINDS = ['data', undefined, 'dictionary', 'data-v2'] as const
const ENCODINGS = (
  'PLAIN GROUP_VAR_INT PLAIN_DICTIONARY RLE BIT_PACKED DELTA_BINARY_PACKED DELTA_LENGTH_BYTE_ARRAY ' +
  'DELTA_BYTE_ARRAY RLE_DICTIONARY BYTE_STREAM_SPLIT'
).split(' ')
/** The field of each kind's own header. */
const OWN = { data: 5, dictionary: 7, 'data-v2': 8 } as const

interface Own {
  values?: number
  encoding?: number
  definition?: number
  repetition?: number
  isCompressed?: boolean
}

/**
 * Reads the header at `start`. It may be large: older versions of delta-rs put the longest values of a page into its statistics
 * whole, such as the schema of 20,000 columns. @throws Error for one that is damaged or claims more than the limits
 */
export function readPageHeader(bytes: Uint8Array, start: number): PageHeader {
  const reader = new ThriftReader(bytes, start)
  let [type, uncompressed, compressed]: (number | undefined)[] = []
  let own: Own | undefined
  reader.struct((id) => {
    if (id === 1) type = reader.integer()
    else if (id === 2) uncompressed = reader.integer()
    else if (id === 3) compressed = reader.integer()
    else if (type !== undefined && id === OWN[KINDS[type] ?? 'data']) own = readOwn(reader, KINDS[type])
    else return false
    return true
  })
  const kind = type === undefined ? undefined : KINDS[type]
  if (kind !== undefined && own === undefined) throw new Error(`${kind} page without a header of its own`)
  return {
    kind,
    length: reader.offset - start,
    compressed: within(bytes.length - reader.offset, compressed, 'bytes of a page'),
    uncompressed: within(LARGEST_PAGE, uncompressed, 'bytes of a page, decompressed'),
    values: within(MOST_PAGE_VALUES, own?.values ?? 0, 'values of a page'),
    encoding: ENCODINGS[own?.encoding ?? -1] ?? `number ${own?.encoding}`,
    repetition: within(LARGEST_PAGE, own?.repetition ?? 0, 'bytes of repetition levels'),
    definition: within(LARGEST_PAGE, own?.definition ?? 0, 'bytes of definition levels'),
    isCompressed: own?.isCompressed ?? true,
  }
}

/** The first two fields of a data page and of a dictionary page are the same; version 2 has others. */
function readOwn(reader: ThriftReader, kind: PageHeader['kind']): Own {
  const own: Own = {}
  const isV2 = kind === 'data-v2'
  reader.struct((id) => {
    if (id === 1) own.values = reader.integer()
    else if (id === (isV2 ? 4 : 2)) own.encoding = reader.integer()
    else if (isV2 && id === 5) own.definition = reader.integer()
    else if (isV2 && id === 6) own.repetition = reader.integer()
    else if (isV2 && id === 7) own.isCompressed = reader.boolean()
    else return false
    return true
  })
  return own
}
