/** Random numbers of one input: the same seed and index always give the same input, so that a failure can be made again. */
export interface Random {
  /** A whole number from 0 up to, but without, `end`. */
  below(end: number): number
  one<T>(values: readonly T[]): T
}

/** Marsaglia's xorshift. fast-check would take longer to make an input than a parser takes to refuse it. */
export function randomOf(seed: number, index: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)
  if (state === 0) state = 1
  const below = (end: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % Math.max(end, 1)
  }
  for (let warm = 0; warm < 4; warm += 1) below(2)
  return { below, one: (values) => values[below(values.length)]! }
}
