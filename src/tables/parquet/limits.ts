/**
 * What the reader takes from a Parquet file. Every size in a file is a claim by whoever wrote it, so each is compared with a
 * limit before memory is taken. The limits are several times what Spark, delta-rs, Trino and Arrow write: pages of 1 MB, row
 * groups of 128 MB or of a million rows.
 */

const MIB = 1024 * 1024

/** Bytes. 60,000 columns of statistics in ten row groups take some 100 MB. */
export const LARGEST_FOOTER = 128 * MIB
/** Bytes of the beginning of a footer, where the schema is. */
export const LARGEST_SCHEMA = 32 * MIB
/** Columns and groups of columns. 20,000 maps of lists have 120,000. */
export const MOST_ELEMENTS = 200_000
/** Levels of groups within groups. */
export const DEEPEST = 100
export const MOST_GROUPS = 100_000
/** Rows of a row group. */
export const MOST_ROWS = 2 * MIB
/** Values of a column chunk, where it is a list or a map: a million files with dozens of partition columns. */
export const MOST_VALUES = 64 * MIB
/** Values of a page. */
export const MOST_PAGE_VALUES = 8 * MIB
/** Bytes of the columns that are fetched of one row group, still compressed. */
export const LARGEST_FETCH = 512 * MIB
/** Bytes of a page, decompressed. */
export const LARGEST_PAGE = 64 * MIB

/** An entry of a list or map takes this many times longer than a value of a plain column. */
const NESTED = 8

/**
 * How much decoding the files of a checkpoint are worth, together. A few bytes of ZSTD or run lengths may stand for gigabytes,
 * and there may be many files, each below its limits. Genuine ones stay far below: an action has a path, which hardly
 * compresses.
 */
export class Budget {
  #bytes = LARGEST_PAGE
  #values = 8 * MIB
  #rows = MIB

  /** One more file, of `size` bytes. */
  file(size: number, rows: number): void {
    this.#bytes += 256 * size
    this.#values += 64 * size
    this.#rows += 2 * size - rows
    if (this.#rows < 0) throw new Error(`its ${size} bytes claim ${rows} rows: expected at most 2 for each byte`)
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
