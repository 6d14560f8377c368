import { Refused } from '../../../core/refused.ts'
import { parseJson } from '../../../core/json.ts'
import type { DataType, StructType } from '../../../tables/schema.ts'
import { field, Join, joinAll, joinFields } from '../lattice.ts'
import { type FileSchema, reasonOf, unreadable } from './schema.ts'
import { numberType, stringType } from './text.ts'

/** Values of a record. Engines hold a record in memory, too. */
const MOST_VALUES = 250_000
/** Columns of all records. The catalog has no room for more. */
const MOST_COLUMNS = 20_000
/** Levels at which a value is no record of any engine. */
const DEEPEST = 200

/** Further records rarely have new columns or types. */
const RECORDS = 1000

/**
 * The columns of the first records of a JSON text: one object a line, one array of objects, or one object. `whole`: the
 * text is the whole file.
 *
 * @throws {Refused} `files-unreadable`: not JSON, a record that is not an object, or no records.
 */
export function inferJson(text: string, whole: boolean): FileSchema {
  const records = new Join()
  let count = 0
  for (const { json, line, isComplete } of recordsIn(text.replace(/^\uFEFF/, ''))) {
    if (!isComplete && !whole) break
    const type = typeOf(json, line)
    if (typeof type === 'string' || type.type !== 'struct') {
      throw unreadable(`line ${line} is not a JSON object`)
    }
    records.add(type)
    if (records.width > MOST_COLUMNS) throw unreadable(`the file has more than ${MOST_COLUMNS} columns`)
    count++
    if (count === RECORDS) break
  }
  if (count === 0)
    throw unreadable(whole ? 'the file has no records' : 'the first record is longer than the 4 MB that are read')
  return { fields: (records.type() as StructType).fields }
}

function typeOf(json: string, line: number): DataType {
  let joined = 0
  // Each value becomes its type, innermost first. The source text tells 1 from 1.0, and keeps numbers beyond 53 bits.
  const revive = (_key: string, value: unknown, { source }: { readonly source?: string } = {}): DataType => {
    if (value === null) return 'void'
    if (typeof value === 'number') return numberType(source ?? String(value))
    if (typeof value === 'string') return stringType(value)
    if (typeof value === 'boolean') return 'boolean'
    if (!Array.isArray(value)) return structOf(value as Readonly<Record<string, DataType>>)
    const elements = value as DataType[]
    const elementType = joinAll(elements)
    if (elements.length > 1) joined += fieldCount(elementType)
    // A field takes five characters, so only lists in lists can have more: at each level, all fields are joined again.
    if (joined > json.length) throw unreadable(`line ${line} has too many fields in lists within each other`)
    return { type: 'array', elementType, containsNull: true }
  }
  try {
    return parseJson(json, { values: MOST_VALUES }, revive) as DataType
  } catch (error) {
    if (error instanceof Refused) throw error
    throw unreadable(`line ${line} is not JSON: ${reasonOf(error)}`, error)
  }
}

function structOf(value: Readonly<Record<string, DataType>>): DataType {
  const fields = Object.entries(value).map(([name, type]) => field(name, type))
  return { type: 'struct', fields: joinFields([], fields) }
}

function fieldCount(type: DataType): number {
  if (typeof type === 'string' || type.type === 'map') return 0
  if (type.type === 'array') return fieldCount(type.elementType)
  return type.fields.reduce((sum, each) => sum + 1 + fieldCount(each.type), 0)
}

interface JsonRecord {
  readonly json: string
  /** The first line, from 1. */
  readonly line: number
  /** False for a last record that the text cuts off. */
  readonly isComplete: boolean
}

/** Splits a text into records by brackets and quotes alone; JSON.parse decides whether each is JSON. */
function* recordsIn(text: string): Generator<JsonRecord> {
  const first = text.search(/\S/)
  if (first < 0) return
  const inArray = text[first] === '['
  const scan = { at: inArray ? first + 1 : first, line: 1 + count(text, 0, first) }
  while (scan.at < text.length) {
    const start = nextOf(text, scan.at, inArray)
    scan.line += count(text, scan.at, start)
    if (start >= text.length) return
    if (inArray && text[start] === ']') return yield* leftover(text, start + 1, scan.line)
    const end = endOf(text, start)
    yield { json: text.slice(start, end ?? text.length), line: scan.line, isComplete: end !== undefined }
    if (end === undefined) return
    scan.line += count(text, start, end)
    scan.at = end
  }
}

/** Text behind an array's end is not a record, which JSON.parse reports. */
function* leftover(text: string, from: number, line: number): Generator<JsonRecord> {
  const rest = text.slice(from).trim()
  if (rest !== '') yield { json: `]${rest}`, line, isComplete: true }
}

function nextOf(text: string, from: number, inArray: boolean): number {
  const separators = inArray ? /[^\s,]/g : /\S/g
  separators.lastIndex = from
  return separators.exec(text)?.index ?? text.length
}

/** The end of the value that begins at `start`; `undefined` where the text cuts it off. */
function endOf(text: string, start: number): number | undefined {
  const token = /["{}[\]]/g
  const opener = text[start]
  if (opener !== '{' && opener !== '[' && opener !== '"') return endOfWord(text, start)
  token.lastIndex = start
  let depth = 0
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    if (found[0] === '"') {
      const close = endOfString(text, found.index)
      if (close === undefined) return undefined
      token.lastIndex = close
    } else depth += found[0] === '{' || found[0] === '[' ? 1 : -1
    if (depth <= 0) return token.lastIndex
    if (depth > DEEPEST) throw unreadable(`a record is nested more than ${DEEPEST} levels deep`)
  }
  return undefined
}

function endOfString(text: string, quote: number): number | undefined {
  for (let at = text.indexOf('"', quote + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0
    while (text[at - 1 - slashes] === '\\') slashes++
    if (slashes % 2 === 0) return at + 1
  }
  return undefined
}

function endOfWord(text: string, start: number): number | undefined {
  const end = text.slice(start).search(/[\s,\]]/)
  return end < 0 ? undefined : Math.max(start + end, start + 1)
}

function count(text: string, from: number, to: number): number {
  let lines = 0
  // Not beyond `to`: the next line break may be many MB behind it, or nowhere.
  const part = text.slice(from, to)
  for (let at = part.indexOf('\n'); at >= 0; at = part.indexOf('\n', at + 1)) lines++
  return lines
}
