const MIB = 1024 * 1024
/** S3's multipart limits (user guide, "Amazon S3 multipart upload limits"): 10,000 parts. Some are reserved for the overhead of tar and gzip. */
const PARTS = 9_000
/** Three of them are small beside a function's memory, and a model of 70 GB needs no larger ones. */
const SMALLEST = 8 * MIB

/** The part size in bytes, in whole MiB, so that `bytes` fit into one upload. */
export function partSize(bytes: number): number {
  return Math.max(SMALLEST, Math.ceil(bytes / PARTS / MIB) * MIB)
}

/**
 * Splits a stream into parts of `size` bytes. The last one may be shorter, and an empty stream gives one empty part.
 *
 * Memory is constant: `buffers` buffers are used in turn, so a part is valid until `buffers - 1` more have been requested.
 */
export async function* partsOf(
  source: AsyncIterable<Uint8Array>,
  size: number,
  buffers: number,
): AsyncGenerator<Uint8Array> {
  const ring: Uint8Array[] = []
  let nth = 0
  let filled = 0
  const buffer = (): Uint8Array => (ring[nth % buffers] ??= new Uint8Array(size))
  for await (const chunk of source) {
    for (let from = 0; from < chunk.length;) {
      const taken = Math.min(chunk.length - from, size - filled)
      buffer().set(chunk.subarray(from, from + taken), filled)
      from += taken
      filled += taken
      if (filled === size) {
        yield buffer()
        nth++
        filled = 0
      }
    }
  }
  if (filled > 0 || nth === 0) yield buffer().subarray(0, filled)
}
