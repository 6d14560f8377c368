import type { Fault } from './problem.ts'

const units: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }

/** The grammar: a whole number, at most one space, a decimal unit. `500 MB`, `2 GB`. */
export const sizePattern = `^\\d+ ?(?:${Object.keys(units).join('|')})$`

/** In bytes; `undefined` if the text is not a size. */
export function parseSize(text: string): number | undefined {
  const [, count, unit = ''] = new RegExp(sizePattern).test(text) ? (/^(\d+) ?(\w+)$/.exec(text) ?? []) : []
  const factor = units[unit]
  return count === undefined || factor === undefined ? undefined : Number(count) * factor
}

export function sizeFault(text: string): Fault | undefined {
  if (parseSize(text) !== undefined) return undefined
  return { what: 'bad size', expected: 'a whole number and a unit (B, kB, MB, GB, TB), as in 500 MB' }
}
