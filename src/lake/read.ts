/** From text to a tree: YAML 1.2 with its core schema, without the features that a lake does not need. */
import { isAlias, isMap, isNode, isScalar, isSeq, parseDocument, type Alias, type Pair, type YAMLError } from 'yaml'
import { pathText, quoted, type Finding, type Path } from './problem.ts'
import { positions, type Position } from './position.ts'
import { shownSource } from './source-text.ts'
import { describe, emptyMap, type Entry, type MapNode, type Node, type Value } from './tree.ts'

/** In bytes. The largest lake that Landfall was measured with, 5,000 tables, has about 600 kB. */
const sizeLimit = 1024 * 1024
const depthLimit = 32
/** Later syntax errors are mostly consequences of the first ones. */
const syntaxLimit = 50
/** Counts values with aliases expanded: through nested aliases, ten lines can mean a billion values. */
const valueLimit = 400_000

export interface Read {
  /** Absent if the text cannot be parsed. */
  readonly root?: MapNode
  readonly findings: readonly Finding[]
}

/** Never throws. Of duplicate keys the first one counts, so that the rest can still be checked. */
export function readTree(text: string): Read {
  const bytes = new TextEncoder().encode(text).length
  if (bytes > sizeLimit) return refuse(0, 'the file is too large', `at most ${sizeLimit} bytes`, `${bytes} bytes`)
  const document = parseDocument(text, {
    prettyErrors: false,
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    uniqueKeys: false,
    stringKeys: false,
  })
  const broken = [...document.errors, ...document.warnings].slice(0, syntaxLimit)
  if (broken.length > 0) {
    const shown = shownSource(text)
    return { findings: broken.map((error) => syntax(error, shown)) }
  }
  if (document.contents === null) return refuse(0, 'the file is empty', 'a lake', 'nothing')
  const builder = new Builder(text)
  const root = builder.build(document.contents, [], 0)
  if (root.kind === 'map') return { root, findings: builder.findings }
  return refuse(root.at, 'not a lake file', 'a map with the key lake', describe(root))
}

function refuse(at: number, what: string, expected: string, found: string): Read {
  return { findings: [{ at, path: [], expected, found, message: `${what}: expected ${expected}, found ${found}` }] }
}

/** In place of messages that the library words in terms of its own API. */
const rewordedErrors: readonly (readonly [RegExp, string])[] = [
  [/multiple documents/, 'the file holds more than one document'],
  [/call stack/, 'nested too deeply'],
]

function syntax(error: YAMLError, text: string): Finding {
  const [at] = error.pos
  const line = text
    .slice(at, at + 200)
    .split('\n', 1)[0]!
    .trim()
  const found = line === '' ? 'the end of the line' : quoted(line)
  const own = rewordedErrors.find(([words]) => words.test(error.message))?.[1]
  const message = own ?? `${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`
  return { at, path: [], expected: 'YAML', found, message: `invalid YAML: ${message}` }
}

/** The core schema creates only these types. A value that is left out is `null`. */
function valueOf(node: unknown): Value {
  return isScalar(node) ? (node.value as Value) : null
}

class Builder {
  readonly findings: Finding[] = []
  /** The anchors so far; of several with one name, the last. */
  readonly #anchors = new Map<string, unknown>()
  readonly #text: string
  /** The maps and lists that contain the current value: an alias of one of them would never end. */
  readonly #parents = new Set<unknown>()
  /** How many aliases the current value is nested in. */
  #aliases = 0
  readonly #lines: (offset: number) => Position
  #values = 0

  constructor(text: string) {
    this.#text = text
    this.#lines = positions(text)
  }

  build(node: unknown, path: Path, at: number): Node {
    this.#values++
    if (this.#values > valueLimit) {
      const expected = `at most ${valueLimit} values`
      return this.#broken(
        at,
        path,
        'too many values, aliases expanded',
        expected,
        'more',
        this.#values === valueLimit + 1,
      )
    }
    if (path.length > depthLimit)
      return this.#broken(at, path, 'nested too deeply', `at most ${depthLimit} levels`, 'more')
    if (isAlias(node)) return this.#alias(node, path, at)
    this.#remember(node)
    if (isMap(node) || isSeq(node)) {
      this.#parents.add(node)
      const start = node.range?.[0] ?? at
      const built = isMap(node) ? this.#map(node.items, path, start) : this.#list(node.items, path, start)
      this.#parents.delete(node)
      return built
    }
    const [start, end] = isScalar(node) && node.range ? node.range : [at, at]
    // A value that is left out has no position; its key's is used.
    const value = valueOf(node)
    return {
      kind: 'scalar',
      at: start === end ? at : start,
      overriding: false,
      value,
      source: this.#text.slice(start, end),
    }
  }

  /** Not inside an alias: those anchors were recorded where they are written. */
  #remember(node: unknown): void {
    if (this.#aliases === 0 && isNode(node) && !isAlias(node) && node.anchor !== undefined)
      this.#anchors.set(node.anchor, node)
  }

  #alias(alias: Alias, path: Path, at: number): Node {
    const start = alias.range?.[0] ?? at
    const target = this.#anchors.get(alias.source)
    if (target === undefined)
      return this.#broken(
        start,
        path,
        `unknown alias *${alias.source}`,
        'the name of an anchor above it',
        `*${alias.source}`,
      )
    if (this.#parents.has(target))
      return this.#broken(
        start,
        path,
        `alias *${alias.source} is inside its own anchor`,
        'an anchor that ends before it',
        `*${alias.source}`,
      )
    this.#aliases++
    const node = this.build(target, path, start)
    this.#aliases--
    return node
  }

  #list(items: readonly unknown[], path: Path, at: number): Node {
    return {
      kind: 'list',
      at,
      overriding: false,
      items: items.map((item, index) => this.build(item, [...path, index], at)),
    }
  }

  #map(pairs: readonly Pair[], path: Path, at: number): MapNode {
    const entries = new Map<string, Entry>()
    for (const pair of pairs) {
      this.#remember(pair.key)
      const key = isAlias(pair.key) ? this.#anchors.get(pair.key.source) : pair.key
      const keyAt = (isNode(pair.key) ? pair.key.range?.[0] : undefined) ?? at
      const name = isScalar(key) && key.value !== null ? String(valueOf(key)) : undefined
      if (name === undefined || name === '__proto__') {
        this.#broken(keyAt, path, 'bad key', 'a plain word', name ?? 'something else')
        continue
      }
      const first = entries.get(name)
      if (first === undefined) entries.set(name, { keyAt, node: this.build(pair.value, [...path, name], keyAt) })
      else this.#duplicate(keyAt, [...path, name], first)
    }
    return { ...emptyMap, at, entries }
  }

  #duplicate(at: number, path: Path, first: Entry): void {
    const { line } = this.#lines(first.keyAt)
    const message = `duplicate key; ${pathText(path.slice(-1))} is already on line ${line}`
    this.findings.push({ at, path, expected: 'each key once', found: 'the key again', message })
  }

  #broken(at: number, path: Path, what: string, expected: string, found: string, report = true): Node {
    if (report)
      this.findings.push({ at, path, expected, found, message: `${what}: expected ${expected}, found ${found}` })
    return { kind: 'scalar', at, overriding: false, value: null, source: '', broken: true }
  }
}
