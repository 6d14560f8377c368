import { describe, expect, test } from '@jest/globals'
import type { Listed, TableStore } from '../../src/tables/store.ts'

/** Puts an object into the store under test. */
export type PutObject = (key: string, content: string) => Promise<void>

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

const keys = async (listed: AsyncIterable<Listed>): Promise<string[]> => (await collect(listed)).map((one) => one.key)

/** The contract of a table's store; run on the twin, on a folder and on S3. Each test has a location of its own. */
export function testTableStore(
  name: string,
  make: () => Promise<{ readonly store: TableStore; readonly put: PutObject }>,
): void {
  describe(`${name} as the store of a table`, () => {
    test('an object is returned whole, with the time it was written', async () => {
      const { store, put } = await make()
      const before = Date.now()
      await put('_delta_log/0.json', 'é\n')
      const object = await store.get('_delta_log/0.json')
      expect(new TextDecoder().decode(object?.bytes)).toBe('é\n')
      expect(Math.abs((object?.modified ?? 0) - before)).toBeLessThan(60_000)
    })

    test('a missing object is undefined, not an error', async () => {
      const { store, put } = await make()
      await put('_delta_log/0.json', 'x')
      expect(await store.get('_delta_log/1.json')).toBeUndefined()
      expect(await store.open('_delta_log/1.json')).toBeUndefined()
      expect(await store.get('_delta_log')).toBeUndefined()
      expect(await store.get('nowhere/at/all')).toBeUndefined()
    })

    test('any part of an object can be read, and nothing beyond its end', async () => {
      const { store, put } = await make()
      await put('a', '0123456789')
      for (const file of [await store.open('a'), await store.open('a', 10)]) {
        const part = async (start: number, end?: number) => new TextDecoder().decode(await file?.slice(start, end))
        expect(file?.byteLength).toBe(10)
        expect([await part(0, 4), await part(4, 10), await part(8), await part(3, 3)]).toEqual([
          '0123',
          '456789',
          '89',
          '',
        ])
      }
    })

    test('a listing has the keys in byte order, in folders or not, from the first after a key', async () => {
      const { store, put } = await make()
      const names = [
        '0.json',
        '0.json.tmp',
        '00.json',
        '1.checkpoint.parquet',
        '1.json',
        '_last_checkpoint',
        '_sidecars/a.parquet',
        '_sidecars.json',
      ]
      for (const one of [...names].reverse()) await put(`_delta_log/${one}`, one)
      await put('_delta_logs/0.json', 'x')
      await put('part-0.parquet', 'x')
      const order = [
        '0.json',
        '0.json.tmp',
        '00.json',
        '1.checkpoint.parquet',
        '1.json',
        '_last_checkpoint',
        '_sidecars.json',
        '_sidecars/a.parquet',
      ]
      expect(await keys(store.list('_delta_log/'))).toEqual(order.map((one) => `_delta_log/${one}`))
      expect(await keys(store.list('_delta_log/', '_delta_log/0.json'))).toEqual(
        order.slice(1).map((one) => `_delta_log/${one}`),
      )
      expect(await keys(store.list('_delta_log/', '_delta_log/1'))).toEqual(
        order.slice(3).map((one) => `_delta_log/${one}`),
      )
      expect(await keys(store.list('_delta_log/1.c'))).toEqual(['_delta_log/1.checkpoint.parquet'])
      expect(await keys(store.list('nowhere/'))).toEqual([])
    })

    test('a listing has sizes, and unusual keys unchanged', async () => {
      const { store, put } = await make()
      const odd = ['a%20b', 'a b+c', 'é€', "q'&<x>"]
      for (const one of odd) await put(`d/${one}`, one)
      const listed = await collect(store.list('d/'))
      expect(new Map(listed.map(({ key, size }) => [key, size]))).toEqual(
        new Map(odd.map((one) => [`d/${one}`, new TextEncoder().encode(one).length])),
      )
      for (const { key } of listed) expect(new TextDecoder().decode((await store.get(key))?.bytes)).toBe(key.slice(2))
    })
  })
}
