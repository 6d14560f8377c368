import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { partSize, partsOf } from '../../../../src/reactions/deployment/artifacts/parts.ts'

const GIB = 1024 ** 3

test('no model of up to 5 TiB, the most that S3 takes, has more than 10,000 parts', () => {
  const bytes = fc.oneof(fc.integer({ min: 0, max: GIB }), fc.integer({ min: 0, max: 5 * 1024 * GIB }))
  fc.assert(
    fc.property(bytes, (size) => {
      const part = partSize(size)
      // A tar header for each of the most files in a package, and gzip's 5 bytes for every 16 kB.
      const packed = size * (1 + 5 / 16_384) + 100_000 * 2_048
      expect(Math.ceil(packed / part)).toBeLessThanOrEqual(10_000)
      expect(part).toBeGreaterThanOrEqual(5 * 1024 ** 2)
    }),
    { seed: 5_2026, numRuns: 2_000 },
  )
})

test('a model of 2 GiB is cut into parts of 8 MiB', () => {
  expect(partSize(2 * GIB)).toBe(8 * 1024 ** 2)
})

test('the parts make up the stream, and each stays valid as long as promised', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 2, max: 4 }),
      async (chunks, size, buffers) => {
        const whole = Buffer.concat(chunks)
        const held: { part: Uint8Array; was: Buffer }[] = []
        const got: Buffer[] = []
        for await (const part of partsOf(iterate(chunks), size, buffers)) {
          held.push({ part, was: Buffer.from(part) })
          if (held.length > buffers - 1) held.shift()
          for (const { part: kept, was } of held) expect(Buffer.from(kept).equals(was)).toBe(true)
          got.push(Buffer.from(part))
        }
        expect(Buffer.concat(got).equals(whole)).toBe(true)
        expect(got.map(({ length }) => length)).toEqual(lengths(whole.length, size))
      },
    ),
    { seed: 5_2026, numRuns: 1_000 },
  )
})

async function* iterate(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

function lengths(total: number, size: number): number[] {
  const full = Array.from({ length: Math.floor(total / size) }, () => size)
  return total % size > 0 || total === 0 ? [...full, total % size] : full
}
