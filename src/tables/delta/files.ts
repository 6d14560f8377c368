/**
 * The files of a table while its log is replayed from the newest commit to the oldest, and then the live ones. Attributes are
 * kept in columns, so that a million files take a few hundred bytes each instead of an object each.
 *
 * A file is identified by its path and deletion vector. The newest commit decides; within one commit the last line does
 * (Delta protocol, "Action Reconciliation").
 */
import type { FileEntry } from '../change.ts'
import { PathArena } from './arena.ts'
import { Held, MOST_IN_COLUMNS } from './held.ts'
import { PartitionTable } from './partitions.ts'

/** Bytes of a file in the columns, and of a deletion vector beside its text. */
const COLUMNS = 64
const VECTOR = 48
const NO_VECTOR = -1
const NOT_FOUND = -1

/** The attributes of a file beside its path. */
interface FileFacts {
  readonly live: boolean
  /** Bytes. */
  readonly size: number
  /** NaN when the log does not have it. */
  readonly rows: number
  readonly deletedRows: number
  /** Its number in the {@link PartitionTable}. */
  readonly partition: number
  readonly vector: string | undefined
}

export interface Totals {
  readonly files: number
  readonly bytes: number
  /** Rows that a query sees, so without deleted ones; `null` when the log does not have it for every file. */
  readonly rows: number | null
  /** Rows that deletion vectors hide. */
  readonly deletedRows: number
}

export class FileTable {
  readonly partitions: PartitionTable
  readonly #held = new Held(MOST_IN_COLUMNS)
  readonly #paths = new PathArena()
  readonly #vectors: string[] = []
  #count = 0
  #pathAt = new Uint32Array(1024)
  #pathLength = new Uint32Array(1024)
  #size = new Float64Array(1024)
  #rows = new Float64Array(1024)
  #deletedRows = new Float64Array(1024)
  #partition = new Int32Array(1024)
  #vector = new Int32Array(1024)
  #live = new Uint8Array(1024)
  #commit = new Int32Array(1024)
  #hash = new Int32Array(1024)
  /** Open addressing: 0 is a free slot, else an entry's number + 1. */
  #slots = new Int32Array(4096)
  #hashed = 0
  #current = 0

  constructor() {
    this.partitions = new PartitionTable(this.#held)
  }

  /** What follows is from an older commit than what came before. */
  nextCommit(): void {
    this.#current += 1
  }

  /** Adds a file action of a commit; its path is `bytes[start..end]`, still percent-encoded. */
  take(bytes: Uint8Array, start: number, end: number, facts: FileFacts): void {
    const length = this.#paths.place(bytes, start, end)
    const hash = this.#paths.hash(length, facts.vector)
    const known = this.#find(hash, length, facts.vector)
    if (known === NOT_FOUND) this.#insert(this.#append(length, hash, facts), hash)
    else if (this.#commit[known] === this.#current) this.#fill(known, facts)
  }

  /** Adds a file of a checkpoint, which has each file once. It counts unless a commit after the checkpoint has that file. */
  takeCheckpointed(bytes: Uint8Array, start: number, end: number, facts: FileFacts): void {
    const length = this.#paths.place(bytes, start, end)
    const newer =
      this.#hashed > 0 && this.#find(this.#paths.hash(length, facts.vector), length, facts.vector) !== NOT_FOUND
    if (!newer) this.#append(length, 0, facts)
  }

  #append(length: number, hash: number, facts: FileFacts): number {
    this.#held.add(COLUMNS + length + (facts.vector === undefined ? 0 : VECTOR + facts.vector.length))
    const entry = this.#count
    if (entry === this.#live.length) this.#grow()
    this.#count += 1
    this.#pathAt[entry] = this.#paths.keep(length)
    this.#pathLength[entry] = length
    this.#hash[entry] = hash
    this.#vector[entry] = facts.vector === undefined ? NO_VECTOR : this.#vectors.push(facts.vector) - 1
    this.#fill(entry, facts)
    return entry
  }

  #fill(entry: number, facts: FileFacts): void {
    this.#live[entry] = facts.live ? 1 : 0
    this.#size[entry] = facts.size
    this.#rows[entry] = facts.rows
    this.#deletedRows[entry] = facts.deletedRows
    this.#partition[entry] = facts.partition
    this.#commit[entry] = this.#current
  }

  #find(hash: number, length: number, vector: string | undefined): number {
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] as number) - 1
      const alike = this.#hash[entry] === hash && this.#pathLength[entry] === length && this.#vectorOf(entry) === vector
      if (alike && this.#paths.isAt(this.#pathAt[entry] as number, length)) return entry
    }
    return NOT_FOUND
  }

  #insert(entry: number, hash: number): void {
    this.#hashed += 1
    if (this.#hashed * 2 > this.#slots.length) this.#rehash()
    const mask = this.#slots.length - 1
    let slot = hash & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = entry + 1
  }

  /** All entries before the one that is being inserted are in the table. */
  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 4)
    const mask = this.#slots.length - 1
    for (let entry = 0; entry < this.#hashed - 1; entry += 1) {
      let slot = (this.#hash[entry] as number) & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = entry + 1
    }
  }

  #grow(): void {
    this.#pathAt = doubled(this.#pathAt, new Uint32Array(this.#count * 2))
    this.#pathLength = doubled(this.#pathLength, new Uint32Array(this.#count * 2))
    this.#size = doubled(this.#size, new Float64Array(this.#count * 2))
    this.#rows = doubled(this.#rows, new Float64Array(this.#count * 2))
    this.#deletedRows = doubled(this.#deletedRows, new Float64Array(this.#count * 2))
    this.#partition = doubled(this.#partition, new Int32Array(this.#count * 2))
    this.#vector = doubled(this.#vector, new Int32Array(this.#count * 2))
    this.#live = doubled(this.#live, new Uint8Array(this.#count * 2))
    this.#commit = doubled(this.#commit, new Int32Array(this.#count * 2))
    this.#hash = doubled(this.#hash, new Int32Array(this.#count * 2))
  }

  #vectorOf(entry: number): string | undefined {
    const vector = this.#vector[entry] as number
    return vector === NO_VECTOR ? undefined : this.#vectors[vector]
  }

  totals(): Totals {
    let [files, bytes, rows, deletedRows] = [0, 0, 0, 0]
    for (let entry = 0; entry < this.#count; entry += 1) {
      if (this.#live[entry] === 0) continue
      files += 1
      bytes += this.#size[entry] as number
      rows += this.#rows[entry] as number
      deletedRows += this.#deletedRows[entry] as number
    }
    return { files, bytes, rows: Number.isNaN(rows) ? null : rows - deletedRows, deletedRows }
  }

  /** The live files; `names` maps physical names of partition columns to logical ones. */
  *live(names: ReadonlyMap<string, string>): Generator<FileEntry> {
    for (let entry = 0; entry < this.#count; entry += 1) {
      if (this.#live[entry] === 0) continue
      const rows = this.#rows[entry] as number
      yield {
        path: this.#paths.text(this.#pathAt[entry] as number, this.#pathLength[entry] as number),
        size: this.#size[entry] as number,
        partitionValues: this.partitions.values(this.#partition[entry] as number, names),
        rows: Number.isNaN(rows) ? null : rows,
        deletedRows: this.#deletedRows[entry] as number,
        deletionVector: this.#vectorOf(entry),
      }
    }
  }
}

function doubled<Column extends Uint8Array | Int32Array | Uint32Array | Float64Array>(
  from: Column,
  to: Column,
): Column {
  to.set(from)
  return to
}
