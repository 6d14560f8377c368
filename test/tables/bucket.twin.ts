import type { Location } from '../../src/lake/lake.ts'
import { locationUri } from '../../src/lake/lake.ts'
import type { TableStore } from '../../src/tables/store.ts'

/** Objects in memory, listed in the byte order of their keys as S3 does, with every call counted. */
export interface BucketTwin {
  put(key: string, body: string | Uint8Array, modified: number): void
  delete(key: string): void
  keys(): string[]
  /** The table at a prefix of this bucket. */
  store(location: Location): TableStore
  /** `GET key`, `LIST prefix`, in order. */
  readonly calls: string[]
}

export function bucketTwin(): BucketTwin {
  const objects = new Map<string, { bytes: Uint8Array; modified: number }>()
  const calls: string[] = []
  const keys = () => [...objects.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return {
    calls,
    keys,
    put(key, body, modified) {
      objects.set(key, { bytes: typeof body === 'string' ? new TextEncoder().encode(body) : body, modified })
    },
    delete: (key) => void objects.delete(key),
    store(location) {
      const root = location.prefix === '' ? '' : `${location.prefix}/`
      return {
        location: locationUri(location),
        async get(key) {
          calls.push(`GET ${root}${key}`)
          return objects.get(root + key)
        },
        async open(key) {
          const bytes = objects.get(root + key)?.bytes
          if (bytes === undefined) return undefined
          return {
            byteLength: bytes.length,
            async slice(start, end) {
              calls.push(`GET ${root}${key}`)
              return bytes.slice(start, end).buffer
            },
          }
        },
        async *list(prefix, after) {
          calls.push(`LIST ${root}${prefix}`)
          for (const key of keys()) {
            const { bytes, modified } = objects.get(key) ?? {}
            if (bytes === undefined || modified === undefined || !key.startsWith(root + prefix)) continue
            if (after === undefined || key > root + after)
              yield { key: key.slice(root.length), size: bytes.length, modified }
          }
        },
      }
    },
  }
}
