/** One Parquet file. Fetches and decodes only the leaf columns that are asked for, a row group at a time. */
import type { RandomAccess } from '../store.ts'
import { type ColumnChunk, type Footer, readFooter, type RowGroup } from './footer.ts'
import { Budget, LARGEST_FETCH, MOST_VALUES, within } from './limits.ts'
import { type Chunk, dataPages, type Decompressors, type Levels, type Page } from './pages.ts'
import { nodeAt, pathOf, type SchemaNode } from './schema.ts'
import { decodeBytes, decodeNumbers, type Dictionary } from './values.ts'

/** The path of a leaf column: `['add', 'path']`. */
export type LeafPath = readonly string[]

/** A fetched leaf column of one row group. */
export type Leaf = Chunk

/** Receives a row's bytes, `bytes[start..end]`, which are valid during the call: copy what you need. */
type TakeBytes = (row: number, bytes: Uint8Array, start: number, end: number) => void

/** Bytes. Ranges at most this far apart are fetched as one. */
const GAP = 1 << 16

export class ParquetFile {
  readonly #access: RandomAccess
  readonly #decompressors: Decompressors
  readonly #schema: SchemaNode
  readonly #groups: readonly RowGroup[]
  readonly #budget: Budget

  private constructor(access: RandomAccess, decompressors: Decompressors, footer: Footer, budget: Budget) {
    this.#access = access
    this.#decompressors = decompressors
    this.#schema = footer.schema
    this.#groups = footer.groups()
    this.#budget = budget
  }

  /** Reads the footer; throws when it is damaged. Files that are read together share a `budget`. */
  static async open(access: RandomAccess, decompressors: Decompressors, budget = new Budget()): Promise<ParquetFile> {
    const file = new ParquetFile(access, decompressors, await readFooter(access), budget)
    const rows = file.groups.reduce((sum, group) => sum + group, 0)
    budget.file(access.byteLength, rows)
    return file
  }

  /** Rows of each row group. */
  get groups(): readonly number[] {
    return this.#groups.map(({ rows }) => rows)
  }

  /** The leaf of a list column, whatever its writer named it; `undefined` where there is no such column. */
  listLeaf(path: LeafPath): LeafPath | undefined {
    let node = nodeAt(this.#schema, path)
    while (node?.children[0] !== undefined) node = node.children[0]
    return node && pathOf(node)
  }

  /** The two leaves of a map column, whatever its writer named them; `undefined` where there is no such column. */
  mapLeaves(path: LeafPath): { readonly key: LeafPath; readonly value: LeafPath } | undefined {
    const entries = nodeAt(this.#schema, path)?.children[0]
    const [key, value] = entries?.children ?? []
    return key && value && { key: pathOf(key), value: pathOf(value) }
  }

  /** Fetches leaves of one row group, adjacent ones together; `undefined` for a leaf that the file does not have. */
  async fetch(group: number, paths: readonly LeafPath[]): Promise<(Leaf | undefined)[]> {
    const { rows, columns } = this.#groups[group]!
    const chunks = columns(paths)
    const ranges = merge(chunks.flatMap((chunk) => (chunk === undefined ? [] : [rangeOf(chunk)])))
    const size = ranges.reduce((sum, [start, end]) => sum + end - start, 0)
    within(LARGEST_FETCH, size, 'bytes of the columns of a row group')
    const buffers = await Promise.all(ranges.map(([start, end]) => this.#access.slice(start, end)))
    return chunks.map((column, nth) => {
      const node = nodeAt(this.#schema, paths[nth]!)
      if (column === undefined) return undefined
      const name = column.path.join('.')
      if (node === undefined || node.children.length > 0) throw new Error(`${name} is not a column of the schema`)
      within(node.repeated === 0 ? rows : MOST_VALUES, column.values, `values of column ${name}`)
      const [start, end] = rangeOf(column)
      const at = ranges.findIndex((range) => range[0] <= start && end <= range[1])
      const first = ranges[at]?.[0] ?? 0
      const bytes = new Uint8Array(buffers[at] as ArrayBuffer).subarray(start - first, end - first)
      return { bytes, column, node, rows, decompressors: this.#decompressors, budget: this.#budget }
    })
  }
}

function rangeOf({ start, size }: ColumnChunk): readonly [start: number, end: number] {
  return [start, start + size]
}

function merge(ranges: readonly (readonly [number, number])[]): [start: number, end: number][] {
  const merged: [number, number][] = []
  for (const [start, end] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = merged.at(-1)
    if (last !== undefined && start - last[1] <= GAP) last[1] = Math.max(last[1], end)
    else merged.push([start, end])
  }
  return merged
}

/** Calls `take` for each row that has a value. Only for columns that are not nested in a list or map. */
export function eachBytes(leaf: Leaf, take: TakeBytes): void {
  eachPresent(leaf, (page, dictionary) => {
    const { bytes, starts, ends } = decodeBytes(page, dictionary)
    return (row, value) => take(row, bytes, starts[value] as number, ends[value] as number)
  })
}

/** An integer column by row; NaN where it is null. */
export function numbers(leaf: Leaf): Float64Array {
  const result = new Float64Array(leaf.rows).fill(Number.NaN)
  eachPresent(leaf, (page, dictionary) => {
    const values = decodeNumbers(page, dictionary, leaf.node)
    return (row, value) => {
      result[row] = values[value] as number
    }
  })
  return result
}

/** Decodes each page that has values, and passes on each value's row and its index in the page. */
function eachPresent(
  leaf: Leaf,
  decode: (page: Page, dictionary: Dictionary | undefined) => (row: number, value: number) => void,
): void {
  const max = leaf.node.definition
  let row = 0
  for (const { page, dictionary } of dataPages(leaf)) {
    const { definition, count, present } = page
    if (present > 0) {
      const take = decode(page, dictionary)
      if (typeof definition === 'number') for (let at = 0; at < count; at += 1) take(row + at, at)
      else for (let at = 0, value = 0; at < count; at += 1) if (definition[at] === max) take(row + at, value++)
    }
    row += count
  }
  requireRows(leaf, row)
}

function requireRows({ rows, column }: Leaf, found: number): void {
  if (found !== rows) throw new Error(`column ${column.path.join('.')} has ${found} rows, its row group ${rows}`)
}

/** Calls `take` for each entry of a map column of strings, from its two leaves, without holding them. */
export function eachEntry(
  key: Leaf,
  value: Leaf,
  take: (row: number, key: string | null, value: string | null) => void,
): void {
  const values = entries(value)
  for (const { row, text } of entries(key)) {
    if (text === undefined) continue
    let found = values.next()
    while (found.done !== true && found.value.text === undefined) found = values.next()
    if (found.done === true || found.value.row !== row) throw new Error(`map in row ${row} has fewer values than keys`)
    take(row, text, found.value.text as string | null)
  }
  for (const { text } of values) if (text !== undefined) throw new Error('map has fewer keys than values')
}

/** Texts of one list: columns, or features. */
const MOST_LISTED = 1_000_000

/** One row of a list column of strings; `undefined` where the list is null. */
export function listAt(leaf: Leaf, wanted: number): string[] | undefined {
  let list: string[] | undefined
  for (const { row, text } of entries(leaf)) {
    if (row !== wanted) continue
    list ??= []
    if (typeof text === 'string') within(MOST_LISTED, list.push(text), 'texts of a list')
  }
  return list
}

/** An entry of a list or map column; `undefined` as its text marks a list that is there and empty. */
interface Entry {
  row: number
  text: string | null | undefined
}

/** The entries of a list or map column of strings. There may be millions, so all are one object: read it at once. */
function* entries(leaf: Leaf): Generator<Entry, undefined> {
  const texts = new Texts()
  const max = leaf.node.definition
  const entry = entryLevel(leaf.node)
  const found: Entry = { row: -1, text: undefined }
  let row = -1
  for (const { page, dictionary } of dataPages(leaf)) {
    const { definition, repetition, count } = page
    if (typeof definition === 'number' && definition < entry - 1 && repetition === 0) {
      row += count
      continue
    }
    const { bytes, starts, ends } = decodeBytes(page, dictionary)
    for (let at = 0, value = 0; at < count; at += 1) {
      if (levelAt(repetition, at) === 0) row += 1
      const level = levelAt(definition, at)
      if (level < entry - 1) continue
      found.row = row
      if (level < entry) found.text = undefined
      else if (level < max) found.text = null
      else {
        found.text = texts.of(bytes, starts[value] as number, ends[value] as number)
        value += 1
      }
      yield found
    }
  }
  requireRows(leaf, row + 1)
}

/** The definition level of an entry that is there, even if its value is null: that of the innermost repeated group. */
function entryLevel(leaf: SchemaNode): number {
  let node: SchemaNode | undefined = leaf
  while (node !== undefined && node.repetition !== 'REPEATED') node = node.parent
  if (node === undefined) throw new Error(`${pathOf(leaf).join('.')} is not in a list or map`)
  return node.definition
}

function levelAt(levels: Levels, at: number): number {
  return typeof levels === 'number' ? levels : (levels[at] as number)
}

/** One row of a column of strings. */
export function textAt(leaf: Leaf, wanted: number): string | undefined {
  let text: string | undefined
  eachBytes(leaf, (row, bytes, start, end) => {
    if (row === wanted) text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, end))
  })
  return text
}

/** More would cost more memory than they save time. */
const MOST_KNOWN = 65_536

/** Decodes UTF-8; a value that repeats within one dictionary is decoded once. */
class Texts {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  #bytes: Uint8Array | undefined
  #known = new Map<number, string>()

  of(bytes: Uint8Array, start: number, end: number): string {
    if (this.#bytes !== bytes) {
      this.#bytes = bytes
      this.#known = new Map()
    }
    let text = this.#known.get(start)
    if (text === undefined) {
      text = this.#decoder.decode(bytes.subarray(start, end))
      if (this.#known.size < MOST_KNOWN) this.#known.set(start, text)
    }
    return text
  }
}
