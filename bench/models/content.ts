/** The model to pack: pseudo-random weights, which cannot be compressed, and MLflow's other files. */
import { modelFiles } from '../../test/reactions/deployment/artifacts.twin.ts'

export const BUCKET = 'bench-models'
export const FOLDER = '1/models/m-1/artifacts'
export const WEIGHTS = 'weights.bin'
const MIB = 1024 * 1024

/** The small files: content by path. */
export const small: Readonly<Record<string, Buffer>> = Object.fromEntries(
  Object.entries(modelFiles('3.17.2')).map(([path, body]) => [path, Buffer.from(body)]),
)

const noise = xorshift(MIB)

/** Bytes `from` to `to` of the weights, within one MiB. Each MiB begins with its number. */
export function weights(from: number, to: number): Buffer {
  const block = Buffer.from(noise)
  block.writeUInt32LE(Math.floor(from / MIB))
  return block.subarray(from % MIB, (from % MIB) + (to - from))
}

/** Splits a range into steps that {@link weights} accepts. */
export function* steps(from: number, to: number): Generator<readonly [number, number]> {
  for (let at = from; at < to;) {
    const end = Math.min(to, (Math.floor(at / MIB) + 1) * MIB)
    yield [at, end]
    at = end
  }
}

function xorshift(bytes: number): Buffer {
  const words = new Uint32Array(bytes / 4)
  let x = 2_463_534_242
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    words[i] = x
  }
  return Buffer.from(words.buffer)
}
