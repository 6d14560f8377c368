import { readFileSync } from 'node:fs'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { Bomb, Mutator } from '../parser.ts'

export const MIB = 1024 * 1024

/** A file of `test/fixtures`, such as `fuzz/MLmodel`. */
export function fixture(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../fixtures/${path}`, import.meta.url)))
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** `part` many times over. */
export function times(part: string, count: number): Uint8Array {
  return new Uint8Array(Buffer.from(part.repeat(count)))
}

export const gzip = (bytes: Uint8Array): Uint8Array => new Uint8Array(gzipSync(bytes, { level: 1 }))
export const zstd = (bytes: Uint8Array): Uint8Array => new Uint8Array(zstdCompressSync(bytes))

/** Members of gzip, or frames of ZSTD, one behind the other, which both formats allow. */
export function members(one: Uint8Array, count: number): Uint8Array {
  return new Uint8Array(Buffer.concat(Array.from({ length: count }, () => one)))
}

/** Makes bombs that are found at `usual` and answered by any of `right`, unless they say otherwise. */
export function bombsAt(usual: string, right: readonly string[]) {
  return (name: string, make: () => Uint8Array, answers = right, place = usual): Bomb => ({
    name,
    place,
    make,
    answers,
  })
}

/** Puts one of `odds` into the text, sometimes many times, sometimes in place of a character or two. */
export function inserts(odds: readonly string[]): Mutator {
  return (bytes, random) => {
    const at = random.below(bytes.length)
    const odd = random.one(odds).repeat(1 + random.below(random.one([1, 1, 300])))
    const rest = bytes.subarray(at + random.below(3))
    return new Uint8Array(Buffer.concat([bytes.subarray(0, at), Buffer.from(odd), rest]))
  }
}
