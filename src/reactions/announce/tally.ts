/** What the file actions of one commit amount to. */
import { type FileAction, isObject, type Json, partitionValues, rowsOf } from '../../tables/delta/actions.ts'
import { Held } from '../../tables/delta/held.ts'
import { decodePath } from '../../tables/delta/paths.ts'
import { type CommitSummary, LISTED } from './facts.ts'

export type Tally = Pick<CommitSummary, 'dataChange' | 'files' | 'bytes' | 'rows' | 'partitions'>

/** Bytes of a file beside its path, and of a partition beside its values. */
const FILE = 150
const PARTITION = 64

/** One side of a file in a commit. `null`: the log does not say. */
interface FileSide {
  readonly size: number | null
  /** Rows in the file, whether a deletion vector hides them or not. */
  readonly rows: number | null
  /** Rows that the deletion vector hides. */
  readonly hidden: number | null
}

/**
 * Adds up the `add` and `remove` actions of a commit, in any order. A path with both stays, with another deletion vector: its rows
 * changed, not the files. It holds every path until the commit ends, since the other action of a pair may come last.
 */
export class CommitTally {
  readonly #added = new Map<string, FileSide>()
  readonly #removed = new Map<string, FileSide>()
  readonly #held = new Held()
  readonly #partitions = new PartitionSet(this.#held)
  #dataChange = false

  /** `spelled`: the action as the log has it. */
  take(action: FileAction, spelled: Json): void {
    const path = decodePath(action.path)
    this.#held.add(FILE + path.length)
    this.#dataChange ||= action.dataChange
    this.#partitions.take(spelled['partitionValues'])
    if (action.kind === 'add')
      this.#added.set(path, {
        size: wholeNumber(action.size),
        rows: action.rows,
        hidden: wholeNumber(action.vector?.cardinality ?? 0),
      })
    else this.#removed.set(path, removedSide(spelled))
  }

  /** `columns`: physical to logical names of the partition columns; empty for a table without. */
  total(columns: ReadonlyMap<string, string>): Tally {
    const sum = new Sum()
    let updated = 0
    for (const [path, added] of this.#added) {
      const removed = this.#removed.get(path)
      if (removed === undefined) sum.add(added)
      else {
        updated += 1
        sum.update(removed, added)
      }
    }
    for (const [path, removed] of this.#removed) if (!this.#added.has(path)) sum.remove(removed)
    return {
      dataChange: this.#dataChange,
      files: { added: this.#added.size - updated, removed: this.#removed.size - updated, updated },
      bytes: { added: sum.bytesAdded, removed: sum.bytesRemoved },
      rows: { added: sum.rowsAdded, removed: sum.rowsRemoved },
      partitions: this.#partitions.total(columns),
    }
  }
}

/** The protocol lets a `remove` leave out all but its path ("Add File and Remove File"). */
function removedSide(spelled: Json): FileSide {
  const { size, deletionVector: vector, stats } = spelled
  const cardinality = isObject(vector) ? vector['cardinality'] : 0
  return { size: wholeNumber(size), rows: rowsOf(stats), hidden: wholeNumber(cardinality) }
}

/** A number that cannot be true is not known: a negative one, or one that has lost digits. */
function wholeNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

/** A sum with one unknown part is unknown. */
class Sum {
  bytesAdded: number | null = 0
  bytesRemoved: number | null = 0
  rowsAdded: number | null = 0
  rowsRemoved: number | null = 0

  add({ size, rows, hidden }: FileSide): void {
    this.bytesAdded = plus(this.bytesAdded, size)
    this.rowsAdded = plus(this.rowsAdded, wholeNumber(minus(rows, hidden)))
  }

  remove({ size, rows, hidden }: FileSide): void {
    this.bytesRemoved = plus(this.bytesRemoved, size)
    this.rowsRemoved = plus(this.rowsRemoved, wholeNumber(minus(rows, hidden)))
  }

  /** The file is the same, so the vectors alone say how many rows came or went. */
  update(before: FileSide, after: FileSide): void {
    const more = minus(before.hidden, after.hidden)
    if (more === null || more > 0) this.rowsAdded = plus(this.rowsAdded, more)
    if (more === null || more < 0) this.rowsRemoved = plus(this.rowsRemoved, more === null ? null : -more)
  }
}

const plus = (one: number | null, other: number | null) =>
  one === null || other === null ? null : wholeNumber(one + other)
const minus = (one: number | null, other: number | null) => (one === null || other === null ? null : one - other)

/** Counts each partition once, in the order in which the log names them. */
class PartitionSet {
  readonly #seen = new Set<string>()
  readonly #first: Readonly<Record<string, string | null>>[] = []
  #isComplete = true
  readonly #held: Held

  constructor(held: Held) {
    this.#held = held
  }

  take(spelled: unknown): void {
    if (!isObject(spelled)) {
      this.#isComplete = false
      return
    }
    const values = partitionValues(spelled)
    const entries = Object.entries(values)
    if (entries.length === 0) return
    const key = JSON.stringify(entries.length === 1 ? entries : entries.sort(([a], [b]) => (a < b ? -1 : 1)))
    if (this.#seen.has(key)) return
    this.#held.add(PARTITION + key.length)
    this.#seen.add(key)
    if (this.#first.length < LISTED) this.#first.push(values)
  }

  total(columns: ReadonlyMap<string, string>): Tally['partitions'] {
    const first = this.#first.map((values) =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [columns.get(name) ?? name, value])),
    )
    return { count: this.#isComplete || columns.size === 0 ? this.#seen.size : null, first }
  }
}
