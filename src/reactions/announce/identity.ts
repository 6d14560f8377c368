import { createHash } from 'node:crypto'
import { sha256 } from '../../node/sha256.ts'

/** SHA-256 of what comes in pieces. */
export interface Digest {
  update(bytes: Uint8Array): void
  /** In hexadecimal; once. */
  end(): string
}

export function digest(): Digest {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), end: () => hash.digest('hex') }
}

/**
 * The id of a version's fact. It is made from the commit's content, so that a repeat has the same one wherever it is made,
 * and a table that is made anew at the same place has others. Of 40 characters, as Git's.
 */
export function factId(location: string, version: number, content: string): string {
  return sha256(`${location}\n${version}\n${content}`).slice(0, 40)
}
