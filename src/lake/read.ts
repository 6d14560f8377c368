/** From text to a tree: YAML 1.2, its core schema, and nothing that a lake has no use for. */
import { isAlias, isMap, isNode, isScalar, isSeq, parseDocument, type Alias, type Pair, type YAMLError } from 'yaml'
import { pathText, quoted, type Finding, type Path } from './problem.ts'
import { positions, type Position } from './position.ts'
import { describe, emptyMap, type Entry, type MapNode, type Node, type Value } from './tree.ts'

/** Bytes. The largest lake that Landfall has been measured with, 5,000 tables, is about 600 kB. */
export const sizeLimit = 1024 * 1024
const depthLimit = 32
/** After the first few, one slip's errors are the next one's. */
const syntaxLimit = 50
/** Aliases multiply: ten lines can stand for a billion values. Counted are values, each alias's anew. */
const valueLimit = 400_000

export interface Read {
  /** Absent where there is no making sense of the text. */
  readonly root?: MapNode
  readonly findings: readonly Finding[]
}

/** Never throws. Duplicate keys do not keep the rest from being read: the first one counts. */
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
  if (broken.length > 0) return { findings: broken.map((error) => syntax(error, text)) }
  if (document.contents === null) return refuse(0, 'the file is empty', 'a lake', 'nothing')
  const builder = new Builder(text)
  const root = builder.build(document.contents, [], 0)
  if (root.kind === 'map') return { root, findings: builder.findings }
  return refuse(root.at, 'this is no lake', 'a map with the key lake', describe(root))
}

function refuse(at: number, what: string, expected: string, found: string): Read {
  return { findings: [{ at, path: [], expected, found, message: `${what}: expected ${expected}, found ${found}` }] }
}

/** What the library says in terms of its own programming interface. */
const inOurWords: readonly (readonly [RegExp, string])[] = [
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
  const own = inOurWords.find(([words]) => words.test(error.message))?.[1]
  const message = own ?? `${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`
  return { at, path: [], expected: 'YAML', found, message: `not YAML: ${message}` }
}

/** The core schema makes nothing but these; what is no scalar was left out. */
function valueOf(node: unknown): Value {
  return isScalar(node) ? (node.value as Value) : null
}

class Builder {
  readonly findings: Finding[] = []
  /** The anchors above, the nearest of each name. */
  readonly #anchors = new Map<string, unknown>()
  readonly #text: string
  /** The maps and lists around the value that is being read: an alias of one of them would never end. */
  readonly #around = new Set<unknown>()
  /** How many aliases the value that is being read stands in. */
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
      this.#around.add(node)
      const start = node.range?.[0] ?? at
      const built = isMap(node) ? this.#map(node.items, path, start) : this.#list(node.items, path, start)
      this.#around.delete(node)
      return built
    }
    const [start, end] = isScalar(node) && node.range ? node.range : [at, at]
    // A value that is left out stands nowhere; its key says where it should be.
    const value = valueOf(node)
    return {
      kind: 'scalar',
      at: start === end ? at : start,
      overriding: false,
      value,
      source: this.#text.slice(start, end),
    }
  }

  /** Not inside an alias: what it stands for was met where it is written. */
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
    if (this.#around.has(target))
      return this.#broken(
        start,
        path,
        `alias *${alias.source} stands inside its own anchor`,
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
    const message = `duplicate key; ${pathText(path.slice(-1))} stands on line ${line} already`
    this.findings.push({ at, path, expected: 'each key once', found: 'the key again', message })
  }

  #broken(at: number, path: Path, what: string, expected: string, found: string, report = true): Node {
    if (report)
      this.findings.push({ at, path, expected, found, message: `${what}: expected ${expected}, found ${found}` })
    return { kind: 'scalar', at, overriding: false, value: null, source: '', broken: true }
  }
}
