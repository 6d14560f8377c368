/**
 * The candidate that `word` was most likely meant to be: the one with the fewest single-character edits, or none if that
 * takes more edits than a third of the word's length.
 */
export function closestMatch(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let fewest = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= fewest) continue
    const edits = distance(word.toLowerCase(), candidate.toLowerCase())
    if (edits < fewest) [best, fewest] = [candidate, edits]
  }
  return best
}

export type ClosestMatch = typeof closestMatch

/** {@link closestMatch} for the first `times` words only, so that a file with thousands of bad names does not take minutes. */
export function closestMatchFor(times: number): ClosestMatch {
  let left = times
  return (word, candidates) => (left-- > 0 ? closestMatch(word, candidates) : undefined)
}

/** Levenshtein distance, row by row. Two swapped neighbours count as one edit: it is the most common typo. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Infinity
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1, swapped))
    }
    before = row
    row = next
  }
  return row[b.length]!
}
