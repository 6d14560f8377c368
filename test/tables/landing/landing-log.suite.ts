import { describe, expect, test } from '@jest/globals'
import {
  APPEND_LIMIT,
  type LandedObject,
  type LandingStore,
  type LandingVersion,
} from '../../../src/tables/landing/landing-log.ts'

const AT = 1_795_305_600_000

function version(number: number, added: readonly string[], removed: readonly string[] = []): LandingVersion {
  return {
    version: number,
    timestamp: AT + number,
    added: added.map((path) => ({ path, size: path.length })),
    removed,
    ...(removed.length > 0 && { removedBytes: removed.length * 3 }),
  }
}

function state(key: string, more: Partial<LandedObject> = {}): LandedObject {
  return {
    key,
    content: `etag-${key.length}`,
    size: key.length,
    sequencer: '0A',
    version: 0,
    revision: 0,
    at: AT,
    ...more,
  }
}

export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const value of values) all.push(value)
  return all
}

/** The contract of a store of landing logs; run on the twin and on DynamoDB. Each test has a table of its own. */
export function testLandingStore(name: string, make: () => Promise<LandingStore>): void {
  describe(`${name} as a store of landing logs`, () => {
    test('a log is empty at first', async () => {
      const store = await make()
      expect(await store.newest('untouched')).toBe(-1)
      expect(await store.objects('untouched', ['a'])).toEqual(new Map())
      expect(await store.objects('untouched', [])).toEqual(new Map())
      expect(await collect(store.read('untouched', -1, -1))).toEqual([])
      expect(await collect(store.read('untouched', -1, 5))).toEqual([])
      expect(await collect(store.walk('untouched'))).toEqual([])
      expect(await store.expire('untouched', 10, 10)).toBe(0)
      expect(await store.mark('untouched')).toBeUndefined()
    })

    test('what was appended is read back, each object one revision later', async () => {
      const store = await make()
      const { content: _gone, ...gone } = state('dt=2026/b c+%2B.json', { size: 0, sequencer: '', version: -1 })
      const first = version(0, ['é ☃/\u{1F600}.json', 'a'], ['old'])
      expect(await store.append('whole', first, [state('é ☃/\u{1F600}.json'), gone])).toBe('appended')
      expect(await store.newest('whole')).toBe(0)
      expect(await collect(store.read('whole', -1, 0))).toEqual([first])
      const read = await store.objects('whole', ['é ☃/\u{1F600}.json', gone.key, 'never'])
      expect([...read.values()].sort((a, b) => a.size - b.size)).toEqual([
        { ...gone, revision: 1 },
        state('é ☃/\u{1F600}.json', { revision: 1 }),
      ])
    })

    test('a version is written once: of many writers exactly one wins', async () => {
      const store = await make()
      await store.append('race', version(0, ['a']), [state('a')])
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) => store.append('race', version(1, [`w${i}`]), [state(`w${i}`)])),
      )
      expect(answers.filter((answer) => answer === 'appended')).toHaveLength(1)
      const [won] = await collect(store.read('race', 0, 1))
      expect(won?.added[0]?.path).toBe(`w${answers.indexOf('appended')}`)
      expect(await collect(store.walk('race'))).toHaveLength(2)
    })

    test('an object that was written since it was read fails the whole append', async () => {
      const store = await make()
      await store.append('stale', version(0, ['a']), [state('a')])
      expect(await store.append('stale', version(1, ['a', 'b'], ['a']), [state('b'), state('a')])).toBe('conflict')
      expect(await store.append('stale', version(1, ['a'], ['a']), [state('a', { revision: 2 })])).toBe('conflict')
      expect(await store.append('stale', version(1, ['c']), [state('c', { revision: 1 })])).toBe('conflict')
      expect(await store.newest('stale')).toBe(0)
      expect([...(await store.objects('stale', ['a', 'b', 'c'])).keys()]).toEqual(['a'])
      expect(await store.append('stale', version(1, ['a'], ['a']), [state('a', { revision: 1 })])).toBe('appended')
    })

    test('states can be written without a version, and lose the fields that the next one lacks', async () => {
      const store = await make()
      await store.append('states', version(0, ['a']), [state('a')])
      const { content: _content, ...gone } = state('a', { revision: 1, sequencer: '0B', size: 0 })
      expect(await store.append('states', undefined, [gone])).toBe('appended')
      expect(await store.append('states', undefined, [gone])).toBe('conflict')
      expect(await store.newest('states')).toBe(0)
      expect((await store.objects('states', ['a'])).get('a')).toEqual({ ...gone, revision: 2 })
    })

    test('the largest append fits: 99 objects with the longest keys that S3 has, all of them overwritten', async () => {
      const store = await make()
      const keys = Array.from({ length: APPEND_LIMIT }, (_, i) => noise(i))
      expect(new TextEncoder().encode(keys[0]).length).toBe(1_000)
      const full = version(0, keys, keys)
      expect(
        await store.append(
          'large',
          full,
          keys.map((key) => state(key)),
        ),
      ).toBe('appended')
      expect(await collect(store.read('large', -1, 0))).toEqual([full])
      expect((await store.objects('large', keys)).size).toBe(APPEND_LIMIT)
    })

    test('versions are read in numeric order, beyond the ninth', async () => {
      const store = await make()
      for (let n = 0; n < 12; n++) await store.append('order', version(n, [`f${n}`]), [state(`f${n}`)])
      const numbers = async (after: number, to: number) =>
        (await collect(store.read('order', after, to))).map(({ version }) => version)
      expect(await numbers(-1, 11)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
      expect(await numbers(8, 10)).toEqual([9, 10])
      expect(await numbers(10, 10)).toEqual([])
      expect(await numbers(10, 9)).toEqual([])
      expect(await store.newest('order')).toBe(11)
    })

    test('objects are walked in byte order, from after a key', async () => {
      const store = await make()
      const keys = ['a', 'a/b', 'a0', 'Z', 'é', '\uFF5E', '\u{1F600}', 'a b', 'a+b', 'a%2Bb']
      await store.append(
        'walk',
        version(0, keys),
        keys.map((key) => state(key)),
      )
      const inOrder = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      const walked = async (after?: string) => (await collect(store.walk('walk', after))).map(({ key }) => key)
      expect(await walked()).toEqual(inOrder)
      for (const [at, key] of inOrder.entries()) expect(await walked(key)).toEqual(inOrder.slice(at + 1))
      expect(await walked('a/')).toEqual(inOrder.slice(inOrder.indexOf('a/b')))
    })

    test('old versions expire: oldest first, up to a limit, and never the newest', async () => {
      const store = await make()
      for (let n = 0; n < 5; n++) await store.append('old', version(n, [`f${n}`]), [state(`f${n}`)])
      const left = async () => (await collect(store.read('old', -1, 100))).map(({ version }) => version)
      expect(await store.expire('old', -1, 10)).toBe(0)
      expect(await store.expire('old', 3, 2)).toBe(2)
      expect(await left()).toEqual([2, 3, 4])
      expect(await store.expire('old', 100, 100)).toBe(2)
      expect(await left()).toEqual([4])
      expect(await store.newest('old')).toBe(4)
      expect(await collect(store.walk('old'))).toHaveLength(5)
    })

    test('a mark is moved, and removed', async () => {
      const store = await make()
      await store.saveMark('marked', 'é ☃')
      expect(await store.mark('marked')).toBe('é ☃')
      await store.saveMark('marked', undefined)
      expect(await store.mark('marked')).toBeUndefined()
      expect(await store.newest('marked')).toBe(-1)
    })

    test('tables whose names begin alike are separate', async () => {
      const store = await make()
      await store.append('near', version(0, ['a']), [state('a')])
      expect(await store.newest('nearer')).toBe(-1)
      expect(await collect(store.walk('nea'))).toEqual([])
    })
  })
}

/** A key of 1,000 bytes that does not compress. */
function noise(seed: number): string {
  let [text, x] = ['', seed * 7919 + 1]
  while (text.length < 1_000) {
    x = (x * 1_103_515_245 + 12_345) % 2_147_483_648
    text += x.toString(36)
  }
  return text.slice(0, 1_000)
}
