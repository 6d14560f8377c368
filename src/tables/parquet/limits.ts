/**
 * What the reader takes from a Parquet file. Every size in a file is a claim by whoever wrote it, so each is compared with a
 * limit before memory is taken. The limits are several times what Spark, delta-rs, Trino and Arrow write: pages of 1 MB, row
 * groups of 128 MB or of a million rows, footers of some MB.
 */

const MIB = 1024 * 1024

/** Bytes. */
export const LARGEST_FOOTER = 32 * MIB
/** Columns and groups of columns. */
export const MOST_ELEMENTS = 100_000
/** Levels of groups within groups. */
export const DEEPEST = 100
export const MOST_GROUPS = 100_000
/** Rows of a row group. */
export const MOST_ROWS = 2 * MIB
/** Values of a column chunk, where it is a list or a map. */
export const MOST_VALUES = 8 * MIB
/** Bytes of the columns that are fetched of one row group, still compressed. */
export const LARGEST_FETCH = 512 * MIB
/** Bytes of a page, decompressed. */
export const LARGEST_PAGE = 64 * MIB

/** An entry of a list or map takes this many times longer than a value of a plain column. */
const NESTED = 8

/**
 * How much decoding a file is worth. A few bytes of ZSTD or run lengths may stand for gigabytes, and a file may have many of
 * them, each below its limit. Genuine files stay far below: an action of a checkpoint has a path, which hardly compresses.
 */
export class Budget {
  #bytes: number
  #values: number

  /** @param size bytes of the file */
  constructor(size: number) {
    this.#bytes = LARGEST_PAGE + 256 * size
    this.#values = 8 * MIB + 64 * size
  }

  decompressed(bytes: number): void {
    this.#bytes -= bytes
    if (this.#bytes < 0) throw new Error('the file decompresses to more than 256 times its size')
  }

  decoded(values: number, isNested: boolean): void {
    this.#values -= isNested ? NESTED * values : values
    if (this.#values < 0) throw new Error('the file claims more than 64 values for each of its bytes')
  }
}

/** @throws Error that names the claim, unless it is a whole number from 0 to `limit` */
export function within(limit: number, found: number | undefined, what: string): number {
  if (found !== undefined && Number.isSafeInteger(found) && found >= 0 && found <= limit) return found
  throw new Error(`${what}: expected at most ${Math.floor(limit)}, found ${found ?? 'none'}`)
}
