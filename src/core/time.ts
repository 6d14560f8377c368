/** A moment: milliseconds since the Unix epoch. */
export type EpochMs = number

/** A length of time in milliseconds. */
export type Milliseconds = number

/** Whether it is a time that a `Date` can have. */
export function isTime(value: unknown): value is EpochMs {
  return typeof value === 'number' && Number.isInteger(value) && !Number.isNaN(new Date(value).getTime())
}
