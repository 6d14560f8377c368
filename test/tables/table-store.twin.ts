/** A table in memory, which records its calls and can be made to fail. */
import { decompressors } from '../../src/tables/node/decompressors.ts'
import {
  type Listed,
  type RandomAccess,
  requireSize,
  type StoredObject,
  type TableStore,
} from '../../src/tables/store.ts'

/** One call on the store: `get _delta_log/00000000000000000000.json`, `list _delta_log/ > …`, `open …`, `slice …`. */
export type Call = string

export class MemoryStore implements TableStore {
  readonly location: string
  readonly decompressors = decompressors
  readonly objects = new Map<string, StoredObject>()
  readonly calls: Call[] = []
  /** Throw from here to make a call fail. */
  onCall: (call: Call) => void = () => undefined

  constructor(location = 's3://lake/table') {
    this.location = location
  }

  /** `modified` in ms since the epoch. */
  put(key: string, content: string | Uint8Array, modified = 1_700_000_000_000): void {
    this.objects.set(key, {
      bytes: typeof content === 'string' ? new TextEncoder().encode(content) : content,
      modified,
    })
  }

  async get(key: string, most?: number): Promise<StoredObject | undefined> {
    this.#called(`get ${key}`)
    const object = this.objects.get(key)
    if (object !== undefined) requireSize(key, object.bytes.length, most)
    return object
  }

  /** As S3: a known size saves a call, and then a missing object is only noticed when it is read. */
  async open(key: string, size?: number): Promise<RandomAccess | undefined> {
    this.#called(`open ${key}`)
    const byteLength = size ?? this.objects.get(key)?.bytes.length
    if (byteLength === undefined) return undefined
    return {
      byteLength,
      slice: async (start, end) => {
        this.#called(`slice ${key}`)
        const object = this.objects.get(key)
        if (object === undefined) throw new Error(`NoSuchKey: ${key}`)
        return object.bytes.slice(start, end).buffer
      },
    }
  }

  async *list(prefix: string, after = ''): AsyncGenerator<Listed> {
    this.#called(after === '' ? `list ${prefix}` : `list ${prefix} > ${after}`)
    const keys = [...this.objects.keys()]
      .filter((key) => key.startsWith(prefix) && byBytes(key, after) > 0)
      .sort(byBytes)
    for (const key of keys) {
      const object = this.objects.get(key)
      if (object !== undefined) yield { key, size: object.bytes.length, modified: object.modified }
    }
  }

  #called(call: Call): void {
    this.calls.push(call)
    this.onCall(call)
  }
}

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}
