/** One measured figure beside its peer's, both taken in the same run. */
export interface Figure {
  /** `area/what`, e.g. `delta-log/snapshot-300k-checkpoint`. */
  readonly name: string
  readonly value: number
  /** `s`, `ms`, `MB`, `kB`, `calls`, … */
  readonly unit: string
  /** What it stands beside; empty for a count that has no peer. */
  readonly peer: string
  readonly peerValue: number | null
  /** value / peerValue. */
  readonly ratio: number | null
  /** In words: `≤ 0.7 × peer`, `≤ 450 kB`. */
  readonly aim: string
  readonly met: boolean
}

/** What an area's file exports. Progress goes to `say`, one line each. */
export type Figures = (say: (line: string) => void) => Promise<Figure[]>

/** The middle one; of an even number, the lower of the two. */
export function median(values: readonly number[]): number {
  return percentile(values, 50)
}

/** Nearest rank: the smallest value that `p` per cent of them do not exceed. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)]
  if (value === undefined) throw new Error('no values to take a percentile of')
  return value
}

/** A figure against its peer, aimed at no more than `times` of it. */
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

/** A figure with a limit of its own. */
export function atMost(name: string, unit: string, value: number, limit: number): Figure {
  return { name, unit, value, peer: '', peerValue: null, ratio: null, aim: `≤ ${limit} ${unit}`, met: value <= limit }
}
