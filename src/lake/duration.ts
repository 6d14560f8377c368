import type { Milliseconds } from '../core/time.ts'
import type { Fault } from './problem.ts'

const second = 1000
const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: second,
  min: 60 * second,
  h: 3600 * second,
  day: 86_400 * second,
  days: 86_400 * second,
}

/** Other spellings of the units, for suggestions only. */
const misspelt: Readonly<Record<string, string>> = {
  msec: 'ms', millisecond: 'ms', milliseconds: 'ms',
  sec: 's', secs: 's', second: 's', seconds: 's',
  m: 'min', mins: 'min', minute: 'min', minutes: 'min',
  hr: 'h', hrs: 'h', hour: 'h', hours: 'h',
  d: 'days',
} // prettier-ignore

/** The grammar: a whole number, at most one space, a unit. `20 s`, `10 min`, `90 days`. */
export const durationPattern = `^\\d+ ?(?:${Object.keys(units).join('|')})$`

const expected = 'a whole number and a unit (ms, s, min, h, days), as in 10 min'

/** `undefined` if the text is not a duration. */
export function parseDuration(text: string): Milliseconds | undefined {
  if (!new RegExp(durationPattern).test(text)) return undefined
  const [, count, unit] = /^(\d+) ?(\w+)$/.exec(text)!
  const ms = Number(count) * units[unit!]!
  return Number.isSafeInteger(ms) ? ms : undefined
}

/** What is wrong with a duration; `undefined` if nothing is. */
export function durationFault(text: string): Fault | undefined {
  if (parseDuration(text) !== undefined) return undefined
  const [, count, unit] = /^\s*(\d{1,9})\s*([a-z]+)\.?\s*$/i.exec(text) ?? []
  const lower = unit?.toLowerCase() ?? ''
  const meant = Object.hasOwn(units, lower) ? lower : Object.hasOwn(misspelt, lower) ? misspelt[lower] : undefined
  return { what: 'bad duration', expected, suggestion: meant && `${count} ${meant}` }
}
