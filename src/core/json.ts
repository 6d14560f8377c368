/** JSON that somebody else wrote. Parsed, it may take fifty times its size, and each level of nesting takes memory of its own. */

interface Limits {
  /** Characters. */
  readonly size: number
  /** Levels of lists and objects within each other. */
  readonly depth: number
  /** Elements of all lists, and members of all objects. */
  readonly values: number
}

/** Sees each value, innermost first. `source`: how a number, text or the like is spelled. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

const parse = JSON.parse as (text: string, reviver?: Reviver) => unknown

/** Enough for the schema of 50,000 columns. */
const LIMITS: Limits = { size: 16 * 1024 * 1024, depth: 200, values: 500_000 }

/** Below this size no text can do harm, and most have less. */
const SHORT = 1024

/** The text is too long, too deep, or has too many values. */
export class JsonLimit extends Error {
  override readonly name = 'JsonLimit'
}

/**
 * As `JSON.parse`, within limits that are checked before.
 *
 * @throws {JsonLimit}
 * @throws SyntaxError for what is not JSON
 */
export function parseJson(text: string, given: Partial<Limits> = {}, reviver?: Reviver): unknown {
  if (text.length > SHORT) requireWithin(text, { ...LIMITS, ...given })
  return parse(text, reviver)
}

/** Counts brackets and commas outside of strings, so that it is right for every JSON text. */
function requireWithin(text: string, { size, depth, values }: Limits): void {
  if (text.length > size) throw new JsonLimit(`expected at most ${size} characters, found ${text.length}`)
  let [level, count] = [0, 0]
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0x22) at = endOfString(text, at)
    else if (code === 0x2c) count += 1
    else if (code === 0x5b || code === 0x7b) {
      level += 1
      count += 1
      if (level > depth) throw new JsonLimit(`expected at most ${depth} levels of lists and objects, found more`)
    } else if (code === 0x5d || code === 0x7d) level -= 1
    if (count > values) throw new JsonLimit(`expected at most ${values} values, found more`)
  }
}

function endOfString(text: string, quote: number): number {
  let at = quote + 1
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0x22) break
    if (code === 0x5c) at += 1
  }
  return at
}
