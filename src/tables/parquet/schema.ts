/** The schema of a Parquet file as a tree (parquet.thrift, `SchemaElement`; parquet-format, "LogicalTypes"). */
import { DEEPEST, MOST_ELEMENTS, within } from './limits.ts'
import type { ThriftReader } from './thrift.ts'

export interface SchemaNode {
  readonly name: string
  readonly parent: SchemaNode | undefined
  readonly children: SchemaNode[]
  readonly repetition: 'REQUIRED' | 'OPTIONAL' | 'REPEATED'
  /** `INT64`, …; `undefined` for a group. */
  readonly type: string | undefined
  /** `UTF8`, `LIST`, …: the older annotation. */
  readonly converted: string | undefined
  readonly logical: LogicalType | undefined
  readonly precision: number | undefined
  readonly scale: number | undefined
  /** The definition level of a value that is there. */
  readonly definition: number
  /** The repetition level of an element that is not the first of its list. */
  readonly repeated: number
}

interface LogicalType {
  /** `STRING`, `MAP`, …; the number in parquet.thrift for a newer one. */
  readonly kind: string
  readonly precision?: number
  readonly scale?: number
  readonly isAdjustedToUTC?: boolean
  readonly bitWidth?: number
  readonly isSigned?: boolean
}

const TYPES = ['BOOLEAN', 'INT32', 'INT64', 'INT96', 'FLOAT', 'DOUBLE', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY']
const REPETITIONS = ['REQUIRED', 'OPTIONAL', 'REPEATED'] as const
const CONVERTED = (
  'UTF8 MAP MAP_KEY_VALUE LIST ENUM DECIMAL DATE TIME_MILLIS TIME_MICROS TIMESTAMP_MILLIS TIMESTAMP_MICROS ' +
  'UINT_8 UINT_16 UINT_32 UINT_64 INT_8 INT_16 INT_32 INT_64 JSON BSON INTERVAL'
).split(' ')
/** By the number of the union's field; there is no 0 and no 9. */
const LOGICAL =
  '- STRING MAP LIST ENUM DECIMAL DATE TIME TIMESTAMP - INTEGER NULL JSON BSON UUID FLOAT16 VARIANT'.split(' ')

interface Element {
  type?: number
  repetition?: number
  name?: string
  children?: number
  converted?: number
  scale?: number
  precision?: number
  logical?: LogicalType
}

/** Reads the list of elements, which is the tree in depth-first order; returns its root. */
export function readSchema(reader: ThriftReader): SchemaNode {
  let root: SchemaNode | undefined
  let count = 0
  /** The groups that still lack children, and how many. */
  const open: { readonly node: SchemaNode; left: number }[] = []
  reader.list(() => {
    within(MOST_ELEMENTS, (count += 1), 'columns')
    const element = readElement(reader)
    const parent = open.at(-1)
    if (root !== undefined && parent === undefined) throw new Error('its schema has more than one root')
    const node = nodeOf(element, parent?.node)
    root ??= node
    parent?.node.children.push(node)
    if (parent !== undefined) parent.left -= 1
    if ((element.children ?? 0) > 0) open.push({ node, left: element.children! })
    within(DEEPEST, open.length, 'levels of nested columns')
    while (open.at(-1)?.left === 0) open.pop()
  })
  const unfinished = open.at(-1)
  if (root === undefined || unfinished !== undefined)
    throw new Error(
      `its schema ends early: ${unfinished?.left ?? 1} columns are missing in ${unfinished?.node.name ?? 'it'}`,
    )
  return root
}

function nodeOf(element: Element, parent: SchemaNode | undefined): SchemaNode {
  const { name, type, precision, scale, logical } = element
  if (name === undefined) throw new Error('a column has no name')
  const repetition = REPETITIONS[element.repetition ?? 0] ?? 'REQUIRED'
  const isBelow = parent !== undefined
  return {
    name,
    parent,
    children: [],
    repetition,
    type: type === undefined ? undefined : (TYPES[type] ?? `number ${type}`),
    converted: CONVERTED[element.converted ?? -1],
    logical,
    precision,
    scale,
    // The root's own repetition has no meaning.
    definition: isBelow ? parent.definition + (repetition === 'REQUIRED' ? 0 : 1) : 0,
    repeated: isBelow ? parent.repeated + (repetition === 'REPEATED' ? 1 : 0) : 0,
  }
}

function readElement(reader: ThriftReader): Element {
  const element: Element = {}
  reader.struct((id) => {
    if (id === 1) element.type = reader.integer()
    else if (id === 3) element.repetition = reader.integer()
    else if (id === 4) element.name = reader.text()
    else if (id === 5) element.children = within(MOST_ELEMENTS, reader.integer(), 'columns of a group')
    else if (id === 6) element.converted = reader.integer()
    else if (id === 7) element.scale = reader.integer()
    else if (id === 8) element.precision = reader.integer()
    else if (id === 10) element.logical = readLogical(reader)
    else return false
    return true
  })
  return element
}

/** A union: the number of its one field says which type it is. */
function readLogical(reader: ThriftReader): LogicalType | undefined {
  let logical: LogicalType | undefined
  reader.struct((id) => {
    const found: { -readonly [key in keyof LogicalType]: LogicalType[key] } = { kind: LOGICAL[id] ?? String(id) }
    logical = found
    reader.struct((field) => {
      if (found.kind === 'DECIMAL' && field === 1) found.scale = reader.integer()
      else if (found.kind === 'DECIMAL' && field === 2) found.precision = reader.integer()
      else if (found.kind === 'TIMESTAMP' && field === 1) found.isAdjustedToUTC = reader.boolean()
      else if (found.kind === 'INTEGER' && field === 1) found.bitWidth = reader.integer()
      else if (found.kind === 'INTEGER' && field === 2) found.isSigned = reader.boolean()
      else return false
      return true
    })
    return true
  })
  return logical
}

/** The names from the root to a node, without the root's. */
export function pathOf(node: SchemaNode): string[] {
  const path: string[] = []
  for (let at = node; at.parent !== undefined; at = at.parent) path.unshift(at.name)
  return path
}

/** The node with this path below `root`; `undefined` where there is none. */
export function nodeAt(root: SchemaNode, path: readonly string[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = root
  for (const name of path) node = node?.children.find((child) => child.name === name)
  return node
}
