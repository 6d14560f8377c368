import { snappyUncompress } from 'hyparquet'

/**
 * A function reads a checkpoint's few columns, for which hyparquet's own snappy is fast enough; the one in WebAssembly is
 * for whole snapshots, at the command line.
 */
export function snappyUncompressor(): (bytes: Uint8Array, size: number) => Uint8Array {
  return (bytes, size) => {
    const output = new Uint8Array(size)
    snappyUncompress(bytes, output)
    return output
  }
}
