const MIB = 1024 * 1024
/** S3's multipart limits (user guide, "Amazon S3 multipart upload limits"): 10,000 parts. Some are left for tar's and gzip's own bytes. */
const PARTS = 9_000
/** Small enough that three of them are nothing beside a function's memory, large enough that a model of 70 GB needs no larger ones. */
const SMALLEST = 8 * MIB

/** How large a part has to be for `bytes` to fit into one upload, in bytes: whole MiB. */
export function partSize(bytes: number): number {
  return Math.max(SMALLEST, Math.ceil(bytes / PARTS / MIB) * MIB)
}

/**
 * Cuts a stream into parts of `size` bytes; the last one is shorter, and is there even where it is empty.
 *
 * The parts lie in `buffers` buffers that are used in turn: a part is the caller's until he has asked for `buffers - 1`
 * more. So a stream of any length is cut up in the same memory.
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
