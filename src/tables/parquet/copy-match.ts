/** What Snappy and LZ4 share: copies of what was decompressed before. */

/** Bytes are copied one by one: most copies are too short for a call of `set` or `copyWithin` to pay. */
export const SHORT = 32

/** Repeats `length` bytes of the output from `offset` before its end at `to`, of which they may be a part; returns the new end. */
export function copyMatch(output: Uint8Array, to: number, offset: number, length: number): number {
  if (offset === 0 || offset > to || length > output.length - to) throw new Error('a compressed block is damaged')
  const end = to + length
  if (length > SHORT && offset >= length) output.copyWithin(to, to - offset, end - offset)
  else for (let at = to; at < end; at += 1) output[at] = output[at - offset] as number
  return end
}
