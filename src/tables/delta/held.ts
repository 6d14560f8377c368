/**
 * What is held of a table's files at a time. A log of a few hundred MB may name more files than the function's memory holds,
 * so what they take is estimated, and refused before it ends the function.
 */
import { RefusedTable } from './refused.ts'

const MIB = 1024 * 1024
/** Bytes: more than a million files as objects, beside a commit of 256 MiB. */
const MOST = 512 * MIB
/** Bytes: some four million files in columns. Commits before it are gone when most of them come. */
export const MOST_IN_COLUMNS = 640 * MIB

/** Bytes of a file as an object in a map, beside its path. */
const FILE = 300
/** Bytes of a set of partition values, and of each of them beside its text. */
const SET = 200
const VALUE = 80

type PartitionValues = Readonly<Record<string, string | null>>

export class Held {
  #bytes = 0
  readonly #most: number

  constructor(most = MOST) {
    this.#most = most
  }

  /** @throws {RefusedTable} */
  add(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#most)
      throw new RefusedTable('too-many-files', 'The log names more files at a time than fit into memory.', {
        unsupported: ['too many files'],
        expected: 'some million files at most',
        advice: 'Compact the table (OPTIMIZE), and commit fewer files at a time.',
      })
  }

  drop(bytes: number): void {
    this.#bytes -= bytes
  }
}

/** Bytes, about. */
export function sizeOfValues(values: PartitionValues): number {
  return Object.values(values).reduce((sum, value) => sum + VALUE + (value?.length ?? 0), 0)
}

/** Equal partition values are held once: most files share theirs with others. */
export class SharedValues {
  readonly #known = new Map<string, PartitionValues>()
  readonly #held: Held

  constructor(held: Held) {
    this.#held = held
  }

  of(values: PartitionValues): PartitionValues {
    const key = JSON.stringify(values)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    this.#held.add(SET + key.length + sizeOfValues(values))
    this.#known.set(key, values)
    return values
  }
}

interface HeldFile {
  readonly path: string
}

/** Bytes of a file as an object, about, without its partition values. */
export const sizeOfFile = ({ path }: HeldFile): number => FILE + path.length

/** Files by key, in the order in which they came. */
export class HeldFiles<File extends HeldFile> {
  readonly #files = new Map<string, File>()
  readonly #held: Held

  constructor(held: Held) {
    this.#held = held
  }

  has(key: string): boolean {
    return this.#files.has(key)
  }

  set(key: string, file: File): void {
    this.#drop(key)
    this.#held.add(sizeOfFile(file))
    this.#files.set(key, file)
  }

  delete(key: string): void {
    this.#drop(key)
    this.#files.delete(key)
  }

  values(): File[] {
    return [...this.#files.values()]
  }

  #drop(key: string): void {
    const known = this.#files.get(key)
    if (known !== undefined) this.#held.drop(sizeOfFile(known))
  }
}
