/** A measured figure and its peer's, both from the same run. */
export interface Figure {
  /** `area/what`, e.g. `delta-log/snapshot-300k-checkpoint`. */
  readonly name: string
  readonly value: number
  /** `s`, `ms`, `MB`, `kB`, `calls`, … */
  readonly unit: string
  /** What it is compared with; empty for a count without a peer. */
  readonly peer: string
  readonly peerValue: number | null
  /** value / peerValue. */
  readonly ratio: number | null
  /** In words: `≤ 0.7 × peer`, `≤ 450 kB`. */
  readonly aim: string
  readonly met: boolean
}

/** The function that an area's file exports. It reports progress through `say`, line by line. */
export type Figures = (say: (line: string) => void) => Promise<Figure[]>

/** Of an even number of values, the lower of the two in the middle. */
export function median(values: readonly number[]): number {
  return percentile(values, 50)
}

/** Nearest rank: the smallest value that `p` percent of the values do not exceed. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)]
  if (value === undefined) throw new Error('no values to take a percentile of')
  return value
}

/** A figure with a peer. The aim is at most `times` the peer's. */
export function beside(
  name: string,
  unit: string,
  value: number,
  peer: string,
  peerValue: number,
  times: number,
): Figure {
  const ratio = value / peerValue
  return { name, unit, value, peer, peerValue, ratio, aim: `≤ ${times} × peer`, met: ratio <= times }
}

/** A figure with a limit and without a peer. */
export function atMost(name: string, unit: string, value: number, limit: number): Figure {
  return { name, unit, value, peer: '', peerValue: null, ratio: null, aim: `≤ ${limit} ${unit}`, met: value <= limit }
}
