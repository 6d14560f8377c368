/** A lake.yml as a tree of values with their positions, so that overrides can be merged and every problem has a position. */
import { quoted, type Path } from './problem.ts'

interface Placed {
  /** Offset of the value in the text. */
  readonly at: number
  /** True if a stage's override sets the value. */
  readonly overriding: boolean
}

/** A scalar of YAML's core schema. */
export type Value = string | number | boolean | null

export interface ScalarNode extends Placed {
  readonly kind: 'scalar'
  readonly value: Value
  /** As written in the file, with quotes. */
  readonly source: string
  /** A problem with it has been reported; no more are. */
  readonly broken?: true
}

interface ListNode extends Placed {
  readonly kind: 'list'
  readonly items: readonly Node[]
}

export interface Entry {
  /** Offset of the key. */
  readonly keyAt: number
  readonly node: Node
}

export interface MapNode extends Placed {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, Entry>
  /** Keys that an override removed, with the offset at which it does. */
  readonly removed: ReadonlyMap<string, number>
}

export type Node = ScalarNode | ListNode | MapNode

/** An entry and its path. */
export interface Found extends Entry {
  readonly path: Path
}

export const emptyMap: MapNode = { kind: 'map', at: 0, overriding: false, entries: new Map(), removed: new Map() }

/** The value as plain data. */
export function plain(node: Node): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(plain)
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.node)]))
}

/** The text of a valid scalar; `undefined` for anything else. */
export function textOf(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' && node.broken === undefined ? node.value : undefined
}

export function entryAt(root: Node, path: Path): Entry | undefined {
  let entry: Entry | undefined = { keyAt: root.at, node: root }
  for (const part of path) {
    if (entry === undefined) return undefined
    entry = child(entry.node, part)
  }
  return entry
}

function child(node: Node, part: string | number): Entry | undefined {
  if (node.kind === 'map') return node.entries.get(String(part))
  const item = node.kind === 'list' && typeof part === 'number' ? node.items[part] : undefined
  return item === undefined ? undefined : { keyAt: item.at, node: item }
}

/** All entries that match `pattern`: keys separated by dots, with `*` for every key of a map or item of a list. */
export function select(root: Node, pattern: string): Found[] {
  let found: Found[] = [{ path: [], keyAt: root.at, node: root }]
  for (const part of pattern.split('.'))
    found = found.flatMap((each) => (part === '*' ? children(each) : named(each, part)))
  return found
}

/** {@link select} inside an entry, with paths from the root. */
export function below(found: Found, pattern: string): Found[] {
  return select(found.node, pattern).map((each) => ({ ...each, path: [...found.path, ...each.path] }))
}

function children({ path, node }: Found): Found[] {
  if (node.kind === 'map') return [...node.entries].map(([key, entry]) => ({ ...entry, path: [...path, key] }))
  if (node.kind === 'list')
    return node.items.map((item, index) => ({ keyAt: item.at, node: item, path: [...path, index] }))
  return []
}

function named({ path, node }: Found, key: string): Found[] {
  const entry = node.kind === 'map' ? node.entries.get(key) : undefined
  return entry === undefined ? [] : [{ ...entry, path: [...path, key] }]
}

/** Overrides come last, so that a conflict is reported on the override, not on the base. */
export function byPlace(a: Entry, b: Entry): number {
  return Number(a.node.overriding) - Number(b.node.overriding) || a.keyAt - b.keyAt
}

/** Merges `over` into `base`: maps are merged key by key, `null` removes a key, anything else replaces. */
export function overlay(base: Node, over: Node): Node {
  if (over.kind !== 'map') return overridden(over)
  if (base.kind !== 'map') return overridden(over)
  const entries = new Map(base.entries)
  const removed = new Map(base.removed)
  for (const [key, { keyAt, node }] of over.entries) {
    const old = entries.get(key)
    if (node.kind === 'scalar' && node.value === null && old !== undefined) {
      entries.delete(key)
      removed.set(key, keyAt)
    } else {
      entries.set(
        key,
        old === undefined
          ? { keyAt, node: overridden(node) }
          : { keyAt: place(old, keyAt, node), node: overlay(old.node, node) },
      )
    }
  }
  return { ...base, entries, removed }
}

/** A merged map keeps the position of the base; a replaced value has that of the override. */
function place(old: Entry, keyAt: number, node: Node): number {
  return old.node.kind === 'map' && node.kind === 'map' ? old.keyAt : keyAt
}

function overridden(node: Node): Node {
  if (node.kind === 'scalar') return { ...node, overriding: true }
  if (node.kind === 'list') return { ...node, overriding: true, items: node.items.map(overridden) }
  const entries = new Map([...node.entries].map(([key, entry]) => [key, { ...entry, node: overridden(entry.node) }]))
  return { ...node, overriding: true, entries }
}

/** The same tree with every scalar replaced. */
export function mapScalars(node: Node, replace: (scalar: ScalarNode, path: Path) => ScalarNode, path: Path = []): Node {
  if (node.kind === 'scalar') return replace(node, path)
  if (node.kind === 'list')
    return { ...node, items: node.items.map((item, index) => mapScalars(item, replace, [...path, index])) }
  const entries = new Map<string, Entry>()
  for (const [key, entry] of node.entries)
    entries.set(key, { ...entry, node: mapScalars(entry.node, replace, [...path, key]) })
  return { ...node, entries }
}

/** The value, for a message. */
export function describe(node: Node): string {
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'a map' : 'a list'
  const { value } = node
  if (value === null) return 'nothing'
  if (typeof value === 'string') return quoted(value)
  return typeof value === 'number' ? `the number ${value}` : String(value)
}
