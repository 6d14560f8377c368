import { describe, expect, test } from '@jest/globals'
import { type Ledger, newCursor } from '../../src/core/ledger.ts'

/** The contract of every ledger, run on the twin and on DynamoDB. Each test uses its own subjects. */
export function testLedger(name: string, make: () => Promise<Ledger>): void {
  const key = (subject: string) => ({ subject: `table/${subject}`, reaction: 'catalog' })

  describe(`${name} as a ledger`, () => {
    test('a cursor that was never written is before the first version', async () => {
      const ledger = await make()
      expect(await ledger.cursor(key('untouched'))).toEqual(newCursor(key('untouched')))
    })

    test('what was saved is read back unchanged, with the next revision', async () => {
      const ledger = await make()
      const refusal = { code: 'not-json', reason: 'é ☃', advice: 'fix it', version: 8, since: 12 }
      const next = {
        ...newCursor(key('whole')),
        version: 7,
        committed: 1_700_000_000_000,
        done: 1_700_000_000_500,
        state: 'm',
        refusal,
      }
      expect(await ledger.save(next)).toBe('saved')
      expect(await ledger.cursor(key('whole'))).toEqual({ ...next, revision: 1 })
    })

    test('a run is read back with its step, and one of a single step without any', async () => {
      const ledger = await make()
      const run = { token: 't', version: 3, committed: 4, attempt: 2, until: 5 }
      await ledger.save({ ...newCursor(key('run')), run: { ...run, step: 1, steps: 3, externalId: 'x' } })
      expect((await ledger.cursor(key('run'))).run).toEqual({ ...run, step: 1, steps: 3, externalId: 'x' })
      await ledger.save({ ...newCursor(key('run')), revision: 1, run: { ...run, step: undefined, steps: undefined } })
      expect((await ledger.cursor(key('run'))).run).toEqual(run)
    })

    test('a field that the next write omits is removed', async () => {
      const ledger = await make()
      const refusal = { code: 'c', reason: 'r', version: 1, since: 1 }
      await ledger.save({ ...newCursor(key('dropped')), state: 'm', refusal })
      await ledger.save({ ...newCursor(key('dropped')), revision: 1 })
      expect(await ledger.cursor(key('dropped'))).toEqual({ ...newCursor(key('dropped')), revision: 2 })
    })

    test('of two first writes the second loses', async () => {
      const ledger = await make()
      expect(await ledger.save({ ...newCursor(key('first')), version: 1 })).toBe('saved')
      expect(await ledger.save({ ...newCursor(key('first')), version: 2 })).toBe('conflict')
      expect((await ledger.cursor(key('first'))).version).toBe(1)
    })

    test('of many writers that read the same revision exactly one wins', async () => {
      const ledger = await make()
      await ledger.save(newCursor(key('race')))
      const seen = await ledger.cursor(key('race'))
      const answers = await Promise.all(Array.from({ length: 8 }, (_, version) => ledger.save({ ...seen, version })))
      expect(answers.filter((answer) => answer === 'saved')).toHaveLength(1)
      expect((await ledger.cursor(key('race'))).version).toBe(answers.indexOf('saved'))
    })

    test('many cursors are read in the requested order, including those never written', async () => {
      const ledger = await make()
      const keys = Array.from({ length: 230 }, (_, i) => key(`many-${i}`))
      await Promise.all(keys.filter((_, i) => i % 2 === 0).map((k, i) => ledger.save({ ...newCursor(k), version: i })))
      const cursors = await ledger.cursors(keys)
      expect(cursors.map(({ subject }) => subject)).toEqual(keys.map(({ subject }) => subject))
      expect(cursors.map(({ version }) => version)).toEqual(keys.map((_, i) => (i % 2 === 0 ? i / 2 : -1)))
    })

    test('equal rejections are counted with the last reason, newest first', async () => {
      const ledger = await make()
      const rejection = { source: 'landing', code: 'unknown-bucket', about: `b-${name}`, reason: 'one' }
      await ledger.reject(rejection, 1_000)
      await ledger.reject({ ...rejection, reason: 'two', sample: 'k' }, 3_000)
      await ledger.reject({ ...rejection, about: `c-${name}` }, 2_000)
      const ours = (await ledger.rejections()).filter(({ about }) => about.endsWith(name))
      expect(ours).toEqual([
        { ...rejection, reason: 'two', sample: 'k', count: 2, first: 1_000, last: 3_000 },
        { ...rejection, about: `c-${name}`, sample: '', count: 1, first: 2_000, last: 2_000 },
      ])
    })
  })
}
