/** What the child tells the parent. */

/** A run of one parser. */
export interface Report {
  readonly inputs: number
  readonly seconds: number
  /** The most that the process ever held, outside the heap too. */
  readonly megabytes: number
  readonly slowest: { readonly milliseconds: number; readonly index: number }
  /** How often each answer was given. */
  readonly answers: Readonly<Record<string, number>>
  readonly failures: readonly Failure[]
}

export interface Failure {
  readonly index: number
  readonly problem: string
  readonly place: string
  /** The input. */
  readonly file: string
}

/** The input that is running. */
export interface Status {
  readonly index: number
  /** ms since the epoch. */
  readonly since: number
  /** ms that it may take. */
  readonly limit: number
}

export const STATUS_FILE = 'status'

export function statusBytes({ index, since, limit }: Status): Uint8Array {
  return new Uint8Array(Float64Array.of(index, since, limit).buffer)
}

export function parseStatus(bytes: Uint8Array): Status | undefined {
  if (bytes.length < 24) return undefined
  const [index = 0, since = 0, limit = 0] = new Float64Array(new Uint8Array(bytes).buffer)
  return { index, since, limit }
}
