/** The partition values of many files: each distinct set is kept once, and has a number. */
import { parseJson } from '../../core/json.ts'
import { BrokenAction, isObject, partitionValues } from './actions.ts'
import { type Held, sizeOfValues } from './held.ts'
import { renamed } from './mapping.ts'

export type PartitionValues = Readonly<Record<string, string | null>>

/** More distinct texts and steps than a log can have: two numbers in one, below 2^53. */
const MANY = 2 ** 26
/** Bytes of a set of values beside them, of a step, and of a text or a JSON text beside its characters. */
const SET = 280
const STEP = 56
const TEXT = 64
const JSON_TEXT = 250

export class PartitionTable {
  /** Number 0 is the empty set. */
  readonly #sets: PartitionValues[] = [{}]
  readonly #logical: (PartitionValues | undefined)[] = []
  readonly #byJson = new Map<string, number>()
  readonly #texts = new Map<string | null, number>()
  readonly #steps = new Map<number, number>()
  /** For each step of {@link #walk}, the set that it ends at. */
  readonly #ends: (number | undefined)[] = [0]
  #last: Uint8Array = new Uint8Array(0)
  #lastId = 0
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true })
  readonly #held: Held

  constructor(held: Held) {
    this.#held = held
  }

  /** The number of an action's values, which are keyed by physical names. */
  of(values: PartitionValues): number {
    return Object.keys(values).length === 0 ? 0 : this.#ofJson(JSON.stringify(values))
  }

  /** The number of the values in the JSON `bytes[start..end]`; `undefined` where it is not valid. */
  ofBytes(bytes: Uint8Array, start: number, end: number): number | undefined {
    if (end - start <= 2) return 0
    if (sameBytes(this.#last, bytes, start, end)) return this.#lastId
    try {
      this.#lastId = this.#ofJson(this.#utf8.decode(bytes.subarray(start, end)))
    } catch {
      return undefined
    }
    this.#last = bytes.slice(start, end)
    return this.#lastId
  }

  #ofJson(json: string): number {
    const known = this.#byJson.get(json)
    if (known !== undefined) return known
    const values = parseJson(json)
    if (!isObject(values)) throw new BrokenAction('add.partitionValues: expected an object')
    const id = this.#keep(partitionValues(values))
    this.#held.add(JSON_TEXT + json.length)
    this.#byJson.set(json, id)
    return id
  }

  /** The number of the values in the entries of a map. */
  ofEntries(keys: readonly (string | null)[], values: readonly (string | null)[]): number {
    let step = 0
    for (let at = 0; at < keys.length; at += 1)
      step = this.#walk(step, keys[at] as string | null, values[at] as string | null)
    let id = this.#ends[step]
    if (id === undefined) {
      const set = keys.map((key, at) => [key ?? '', values[at] ?? null] as const)
      id = this.#keep(partitionValues(Object.fromEntries(set)))
      this.#ends[step] = id
    }
    return id
  }

  #keep(values: PartitionValues): number {
    this.#held.add(SET + sizeOfValues(values))
    return this.#sets.push(values) - 1
  }

  /** Works on numbers instead of strings, so that a row costs a few lookups and no string of its own. */
  #walk(step: number, key: string | null, value: string | null): number {
    const half = this.#step(step * MANY + this.#text(key))
    return this.#step(half * MANY + this.#text(value))
  }

  #step(by: number): number {
    let next = this.#steps.get(by)
    if (next === undefined) {
      this.#held.add(STEP)
      next = this.#ends.push(undefined) - 1
      this.#steps.set(by, next)
    }
    return next
  }

  #text(text: string | null): number {
    let id = this.#texts.get(text)
    if (id === undefined) {
      this.#held.add(TEXT + (text?.length ?? 0))
      id = this.#texts.size
      this.#texts.set(text, id)
    }
    return id
  }

  /** The values by logical names, to which `names` maps the physical ones. */
  values(id: number, names: ReadonlyMap<string, string>): PartitionValues {
    return (this.#logical[id] ??= renamed(this.#sets[id] ?? {}, names))
  }
}

function sameBytes(one: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (one.length !== end - start) return false
  for (let at = 0; at < one.length; at += 1) if (one[at] !== bytes[start + at]) return false
  return true
}
