import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { appendStates, LogConflictError } from '../../../src/tables/landing/append.ts'
import { bySequencer, type ObjectState, objectStateOf, type ObjectEvent } from '../../../src/tables/landing/event.ts'
import type { LandingStore } from '../../../src/tables/landing/landing-log.ts'
import type { Content } from '../../../src/tables/landing/objects.ts'
import { collect } from './landing-log.suite.ts'
import { memoryLandingLog } from './landing-log.twin.ts'

const content = (etag: string, size = 3): Content => ({ etag, size })
const put = (key: string, etag: string, sequencer: string): ObjectState => ({ key, sequencer, state: content(etag) })
const gone = (key: string, sequencer: string): ObjectState => ({ key, sequencer, state: 'gone' })

function world(store: LandingStore = memoryLandingLog()) {
  const bucket = new Map<string, Content>()
  const looks: string[] = []
  const ports = {
    store,
    objects: {
      async find(key: string) {
        looks.push(key)
        return bucket.get(key)
      },
    },
    now: () => 1_000,
  }
  const land = (...news: ObjectState[]) => appendStates(ports, 't', news)
  const versions = async () =>
    (await collect(store.read('t', -1, 1_000))).map(({ added, removed }) => ({
      added: added.map(({ path }) => path),
      removed,
    }))
  const state = async (key: string) => (await store.objects('t', [key])).get(key)
  return { store, ports, bucket, looks, land, versions, state }
}

describe('states that are appended', () => {
  test('identical content in a later event changes nothing but the sequencer', async () => {
    const { land, versions, looks, state } = world()
    expect(await land(put('a', 'x', '01'))).toMatchObject({ version: 0, added: 1 })
    expect(await land(put('a', 'x', '03'))).toMatchObject({ version: 0, added: 0 })
    expect(await land(put('a', 'y', '02'))).toMatchObject({ version: 0, added: 0 })
    expect(await versions()).toEqual([{ added: ['a'], removed: [] }])
    expect(await state('a')).toMatchObject({ content: 'x', sequencer: '03', version: 0 })
    expect(looks).toEqual([])
  })

  test('an overwrite removes the old file and adds the new one; a delete removes; a late event of an older state does nothing', async () => {
    const { land, versions, state } = world()
    await land(put('a', 'x', '01'))
    await land(put('a', 'y', '04'))
    await land(put('a', 'z', '02'), gone('a', '03'))
    await land(gone('a', '05'))
    await land(put('a', 'x', '01'))
    expect(await versions()).toEqual([
      { added: ['a'], removed: [] },
      { added: ['a'], removed: ['a'] },
      { added: [], removed: ['a'] },
    ])
    expect(await state('a')).toMatchObject({ size: 0, sequencer: '05', version: 2 })
    expect((await state('a'))?.content).toBeUndefined()
  })

  test('a delete that arrives before the earlier create event still wins', async () => {
    const { land, versions } = world()
    expect(await land(gone('a', '02'))).toMatchObject({ version: -1 })
    expect(await land(put('a', 'x', '01'))).toMatchObject({ version: -1, added: 0 })
    expect(await versions()).toEqual([])
  })

  test('states that the log has already return their version, so that a retry after a crash publishes it', async () => {
    const { land } = world()
    await land(put('a', 'x', '01'))
    await land(put('b', 'x', '01'))
    expect((await land(put('a', 'x', '01'))).version).toBe(0)
    expect((await land(put('a', 'x', '01'), put('b', 'x', '01'))).version).toBe(1)
  })

  test('a state from a listing has no sequencer: a different event is decided by the bucket', async () => {
    const { land, looks, bucket, versions, state } = world()
    await land({ key: 'a', sequencer: '', state: content('x') })
    await land(put('a', 'x', '07'))
    expect(looks).toEqual([])
    bucket.set('a', content('x'))
    await land(put('a', 'w', '06'))
    expect(looks).toEqual(['a'])
    bucket.set('a', content('y'))
    await land(put('a', 'y', '08'))
    expect(await versions()).toEqual([
      { added: ['a'], removed: [] },
      { added: ['a'], removed: ['a'] },
    ])
    expect(await state('a')).toMatchObject({ content: 'y', sequencer: '' })
  })

  test('a permanent delete of one version may uncover an older one: the bucket is asked', async () => {
    const { land, looks, bucket, versions } = world()
    await land(put('a', 'x', '01'))
    await land(put('a', 'y', '02'))
    bucket.set('a', content('x'))
    await land({ key: 'a', sequencer: '03', state: 'unclear' })
    expect(looks).toEqual(['a'])
    await land(put('a', 'y', '02'))
    expect((await versions()).at(-1)).toEqual({ added: ['a'], removed: ['a'] })
    expect(await versions()).toHaveLength(3)
  })

  test('after a lost race the bucket is asked again, since the older answer may be out of date', async () => {
    const inner = memoryLandingLog()
    let race = async (): Promise<void> => {}
    const { land, bucket, state, looks } = world({
      ...inner,
      append: async (...args) => {
        const before = race
        race = async () => {}
        await before()
        return inner.append(...args)
      },
    })
    await land(put('a', 'x', '01'))
    bucket.set('a', content('y'))
    race = async () => {
      bucket.set('a', content('z'))
      await land(put('a', 'z', '05'))
    }
    await land({ key: 'a', sequencer: '03', state: 'unclear' })
    expect(await state('a')).toMatchObject({ content: 'z' })
    expect(looks).toEqual(['a'])
  })

  test('an object that cannot be looked up does not hold back the others', async () => {
    const { ports, store } = world()
    const objects = { find: () => Promise.reject(new Error('denied')) }
    const answer = await appendStates({ ...ports, objects }, 't', [
      { key: 'a', sequencer: '1', state: 'unclear' },
      put('b', 'x', '1'),
    ])
    expect([...answer.failures.keys()]).toEqual(['a'])
    expect(answer.version).toBe(0)
    expect((await store.objects('t', ['a', 'b'])).size).toBe(1)
  })

  test('races that are lost again and again are left to the queue', async () => {
    const store = { ...memoryLandingLog(), append: async () => 'conflict' as const }
    const { failures } = await world(store).land(put('a', 'x', '1'))
    expect(failures.get('a')).toBeInstanceOf(LogConflictError)
  })

  test('a thousand files cost at most fifteen transactions', async () => {
    const store = memoryLandingLog()
    const { land } = world(store)
    const news = Array.from({ length: 1_000 }, (_, i) => put(`dt=${i % 9}/part-${i}.json`, `e${i}`, '1'))
    expect(await land(...news)).toMatchObject({ added: 1_000 })
    expect(store.transactions).toEqual({ appended: 11, conflict: 0 })
    await land(...news)
    expect(store.transactions.appended).toBe(11)
  })
})

describe('the state after an event', () => {
  const event = (more: Partial<ObjectEvent>): ObjectEvent => ({
    bucket: 'b',
    key: 'k',
    type: 'created',
    size: 3,
    etag: 'e',
    sequencer: '1',
    time: 0,
    ...more,
  })
  test.each<[string, Partial<ObjectEvent>, ObjectState['state']]>([
    ['a put', {}, { etag: 'e', size: 3 }],
    ['a put of zero bytes', { size: 0 }, 'gone'],
    ['a delete marker', { type: 'deleted', deletionType: 'Delete Marker Created', versionId: 'v' }, 'gone'],
    ['a delete without versions', { type: 'deleted', deletionType: 'Permanently Deleted' }, 'gone'],
    ['a delete of one version', { type: 'deleted', deletionType: 'Permanently Deleted', versionId: 'v' }, 'unclear'],
    ['a put without an ETag', { etag: '' }, 'unclear'],
  ])('%s', (_what, more, says) => expect(objectStateOf(event(more), 'k').state).toEqual(says))

  test('a put without a size is unclear', () => {
    const { size: _size, ...rest } = event({})
    expect(objectStateOf(rest, 'k').state).toBe('unclear')
  })
})

describe('sequencers', () => {
  test('of different lengths are compared as if the shorter one ended in zeros', () => {
    expect(bySequencer('0055AED6DCD9', '0055AED6DCD90281E5')).toBeLessThan(0)
    expect(bySequencer('0055AED6DCD9028', '0055AED6DCD90280')).toBe(0)
    expect(bySequencer('1', '09')).toBeGreaterThan(0)
    const hex = fc.string({ unit: fc.constantFrom(...'0123456789ABCDEF'.split('')), minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(hex, hex, (a, b) => {
        const [x, y] = [a, b].map((text) => parseInt(text.padEnd(9, '0'), 16)) as [number, number]
        expect(Math.sign(bySequencer(a, b))).toBe(Math.sign(x - y))
      }),
      { seed: 20_261_122, numRuns: 2_000 },
    )
  })
})
