import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { toObjectEvents } from '../../../src/intake/s3/s3-event.ts'

const folder = new URL('../../fixtures/s3-events/', import.meta.url)
const names = (await readdir(folder)).filter((name) => name.endsWith('.json'))

interface Fixture {
  /** Where AWS documents this shape. */
  readonly source: string
  readonly message: unknown
  readonly means: readonly unknown[]
}

describe('an event in the form that AWS documents', () => {
  test('exists for each kind', () => expect(names.length).toBeGreaterThan(15))

  test.each(names)('%s is understood', async (name) => {
    const { message, means } = JSON.parse(await readFile(new URL(name, folder), 'utf8')) as Fixture
    expect(toObjectEvents(message)).toEqual(means)
  })
})

describe('keys', () => {
  /** Form-url-encoded except for slashes, as S3 does it. */
  const encoded = (key: string) => new URLSearchParams({ key }).toString().slice('key='.length).replaceAll('%2F', '/')
  const direct = (key: string) => ({
    Records: [
      {
        eventSource: 'aws:s3',
        eventName: 'ObjectCreated:Put',
        eventTime: '2026-11-22T00:00:00.000Z',
        s3: { bucket: { name: 'b' }, object: { key, size: 1, eTag: 'e', sequencer: '1' } },
      },
    ],
  })
  const routed = (key: string) => ({
    source: 'aws.s3',
    'detail-type': 'Object Created',
    time: '2026-11-22T00:00:00Z',
    detail: { bucket: { name: 'b' }, object: { key, size: 1, etag: 'e', sequencer: '1' } },
  })
  const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => text.isWellFormed())

  test('come out as S3 has them, from EventBridge and from notifications', () => {
    fc.assert(
      fc.property(fc.oneof(key, fc.constantFrom('+', '%2B', '%', 'a b', '%zz', '%25', '/')), (key) => {
        expect(toObjectEvents(direct(encoded(key)))[0]?.key).toBe(key)
        expect(toObjectEvents(routed(key))[0]?.key).toBe(key)
      }),
      { seed: 20_261_122, numRuns: 2_000 },
    )
  })

  test('of notifications have to be encoded', () => {
    expect(() => toObjectEvents(direct('100%'))).toThrow(/not form-url-encoded.*100%/)
    expect(() => toObjectEvents(direct('%C3'))).toThrow(/not form-url-encoded.*%C3/)
  })

  test.each(['a\ud800', '\udc00\ud800/b', '', 'a'.repeat(1025), 'é'.repeat(513)])(
    'of %j, which S3 cannot have, are refused',
    (key) => {
      const refused = expect.objectContaining({ code: 'not-an-s3-event' })
      expect(() => toObjectEvents(routed(key))).toThrow(refused)
      expect(() => toObjectEvents(direct(key))).toThrow(refused)
      if (key.isWellFormed()) expect(() => toObjectEvents(direct(encoded(key)))).toThrow(refused)
    },
  )

  test('of 1,024 bytes are the longest', () => {
    for (const key of ['a'.repeat(1024), 'é'.repeat(512), `${'\u{1F600}'.repeat(255)}\0\0\0\0`]) {
      expect(toObjectEvents(routed(key))[0]?.key).toBe(key)
      expect(toObjectEvents(direct(encoded(key)))[0]?.key).toBe(key)
    }
  })

  test.each([
    ['no bucket', { ...routed('a'), detail: { object: { key: 'a' } } }],
    ['another service', { ...routed('a'), source: 'aws.ec2' }],
    ['no time', { ...routed('a'), time: 'yesterday' }],
    ['records of another service', { Records: [{ eventSource: 'aws:sns' }] }],
    ['nothing', null],
  ])('a message with %s is refused', (_what, message) => {
    expect(() => toObjectEvents(message)).toThrow(/not an S3 event/)
  })
})
