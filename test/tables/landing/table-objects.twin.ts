import type { Content, TableObjects } from '../../../src/tables/landing/objects.ts'

/** A bucket with or without versioning, which gives the events that S3 would send. */
export interface ObjectsTwin {
  put(key: string, body: string): Promise<SaidByS3>
  /** With versioning: adds a delete marker. */
  remove(key: string): Promise<SaidByS3>
  /** Permanently deletes one version or delete marker; `undefined` where there is no such version. */
  destroy(key: string, nth: number): Promise<SaidByS3 | undefined>
  /** The live objects. */
  live(prefix: string): Promise<ReadonlyMap<string, Content>>
  /** The objects under `prefix`, which ends in a slash. */
  objects(prefix: string): TableObjects
}

/** The parts of an event that differ from one to another. */
export interface SaidByS3 {
  readonly type: 'Object Created' | 'Object Deleted'
  readonly key: string
  readonly size?: number
  readonly etag?: string
  readonly versionId?: string
  readonly deletionType?: string
}

interface Version {
  readonly id: string
  /** `undefined`: a delete marker. */
  readonly content: Content | undefined
}

export function objectsTwin(versioned: boolean): ObjectsTwin {
  const objects = new Map<string, Version[]>()
  let ids = 0
  const current = (key: string) => objects.get(key)?.at(-1)?.content
  const push = (key: string, content: Content | undefined): Version => {
    const version = { id: `v${ids++}`, content }
    objects.set(key, versioned ? [...(objects.get(key) ?? []), version] : [version])
    return version
  }
  const sorted = (prefix: string) =>
    [...objects.keys()]
      .filter((key) => key.startsWith(prefix))
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return {
    async put(key, body) {
      const content = { etag: `etag-${body}`, size: Buffer.byteLength(body) }
      const { id } = push(key, content)
      return { type: 'Object Created', key, ...content, ...(versioned && { versionId: id }) }
    },
    async remove(key) {
      if (!versioned) {
        objects.delete(key)
        return { type: 'Object Deleted', key, deletionType: 'Permanently Deleted' }
      }
      const { id } = push(key, undefined)
      return { type: 'Object Deleted', key, versionId: id, deletionType: 'Delete Marker Created' }
    },
    async destroy(key, nth) {
      const versions = objects.get(key) ?? []
      if (!versioned || versions.length === 0) return undefined
      const [gone] = versions.splice(nth % versions.length, 1)
      return { type: 'Object Deleted', key, versionId: gone!.id, deletionType: 'Permanently Deleted' }
    },
    async live(prefix) {
      return new Map(sorted(prefix).flatMap((key) => (current(key) === undefined ? [] : [[key, current(key)!]])))
    },
    objects: (prefix) => ({
      find: async (key) => current(prefix + key),
      async *list(after) {
        for (const key of sorted(prefix)) {
          const [content, relative] = [current(key), key.slice(prefix.length)]
          const isAfter = after === undefined || Buffer.compare(Buffer.from(relative), Buffer.from(after)) > 0
          if (content !== undefined && isAfter) yield { key: relative, ...content }
        }
      },
    }),
  }
}
