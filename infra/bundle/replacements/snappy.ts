import { snappyUncompress } from 'hyparquet'

/**
 * Functions read only a few columns of a checkpoint, for which hyparquet's own snappy is fast enough. The one in WebAssembly
 * is for the command line, which reads whole snapshots.
 */
export function snappyUncompressor(): (bytes: Uint8Array, size: number) => Uint8Array {
  return (bytes, size) => {
    const output = new Uint8Array(size)
    snappyUncompress(bytes, output)
    return output
  }
}
