import { parseJson } from '../core/json.ts'

/**
 * JSON, with its texts and keys scrubbed: here, since JSON may escape any character. Ids are 64-bit numbers. Those that a double
 * cannot hold become text, to keep all digits.
 *
 * @param isData whether numbers decide; otherwise they are scrubbed too
 */
export function parse(text: string, scrub: (text: string) => string, isData: boolean): unknown {
  return parseJson(text, {}, (_key, value, { source }) => {
    if (typeof value === 'string') return scrub(value)
    if (typeof value === 'number') {
      if (!isData && scrub(source!) !== source) return scrub(source!)
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? source : value
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const entries = Object.entries(value)
    return entries.every(([key]) => scrub(key) === key)
      ? value
      : Object.fromEntries(entries.map(([key, each]) => [scrub(key), each]))
  })
}
