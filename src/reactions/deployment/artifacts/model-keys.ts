import type { Listener, Value } from './yaml/flow.ts'
import { type Scalar, Unreadable } from './yaml/scanner.ts'

/** The flavor that MLflow's scoring server loads, for every library. */
export const PYFUNC = 'python_function'
const FLAVORS = 'flavors'
const VERSION = 'mlflow_version'

/** How many flavors a refusal lists, and how many characters of each. */
const NAMED = 10
const LONGEST_NAME = 60
/** Characters, quotes included. No tag of an image is longer. */
const LONGEST_VERSION = 128

const ESCAPED = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|\\)/g
const nulls: readonly string[] = ['', '~', 'null', 'Null', 'NULL']

/** The keys of an MLmodel that a deployment needs. What it could misunderstand in them is refused. */
export class ModelKeys implements Listener {
  isPyfunc = false
  /** The first few, for messages. */
  readonly flavors: string[] = []
  mlflowVersion: string | undefined
  #current = ''
  readonly #seen = new Set<string>()

  key(level: number, key: Scalar | undefined): void {
    if (level === 1 && this.#current !== FLAVORS) return
    const name = key === undefined ? undefined : textOf(key)
    if (name === undefined || name === '<<') {
      throw new Unreadable(`a key ${level === 0 ? 'of its own' : `of ${FLAVORS}`} that is not plain text`)
    }
    if (level === 0) this.#topKey(name)
    else if (this.flavors.length < NAMED) this.flavors.push(name.slice(0, LONGEST_NAME))
    if (level === 1 && name === PYFUNC) this.isPyfunc = true
  }

  /** PyYAML takes the last of two, YAML 1.2 allows none. */
  #topKey(name: string): void {
    this.#current = name
    if (name !== FLAVORS && name !== VERSION) return
    if (this.#seen.has(name)) throw new Unreadable(`the key ${name} twice`)
    this.#seen.add(name)
  }

  value(level: number, value: Value): void {
    if (level !== 0 || (this.#current !== FLAVORS && this.#current !== VERSION)) return
    if (value === 'other') throw new Unreadable(`${this.#current} with an alias or a tag`)
    if (this.#current === FLAVORS || value === 'map' || value === 'list') return
    if (value === 'block text' || value.isMultiline) throw new Unreadable(`${VERSION} in several lines`)
    if (value.raw.length > LONGEST_VERSION) throw new Unreadable(`${VERSION} of ${value.raw.length} characters`)
    if (value.isQuoted || !nulls.includes(value.raw)) this.mlflowVersion = textOf(value)
  }
}

/** Escapes that stand for no letter or digit stay as they are: no key that is looked for has one. */
function textOf({ raw, isQuoted }: Scalar): string {
  if (!isQuoted) return raw
  const text = raw.slice(1, -1)
  if (raw.startsWith("'")) return text.replaceAll("''", "'")
  return text.replace(ESCAPED, (whole, ...codes: (string | undefined)[]) => {
    const code = Number.parseInt(codes.slice(0, 3).find((one) => one !== undefined) ?? '', 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
