import { readFileSync } from 'node:fs'

/** A file of `test/fixtures`, such as `fuzz/MLmodel`. */
export function fixture(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../fixtures/${path}`, import.meta.url)))
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** `part` many times over. */
export function times(part: string, count: number): Uint8Array {
  return new Uint8Array(Buffer.from(part.repeat(count)))
}
