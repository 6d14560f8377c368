import { beforeEach, expect, test } from '@jest/globals'
import { Turns } from '../../../local/demo/turns.ts'

let shown: string
let turns: Turns
beforeEach(() => {
  shown = ''
  turns = new Turns((text) => (shown += text))
})

test('the first output is live; the next one is held back until the first ends', () => {
  const [first, second] = [turns.next(), turns.next()]
  second.write('b1 ')
  first.write('a1 ')
  expect([first.isLive(), second.isLive()]).toEqual([true, false])
  expect(shown).toBe('a1 ')
  first.end()
  expect(shown).toBe('a1 b1 ')
  expect(second.isLive()).toBe(true)
  second.write('b2 ')
  expect(shown).toBe('a1 b1 b2 ')
})

test('an output that ended early is printed as a block at its turn', () => {
  const [a, b, c] = [turns.next(), turns.next(), turns.next()]
  c.write('c ')
  c.end()
  b.write('b ')
  expect(shown).toBe('')
  a.write('a ')
  a.end()
  expect(shown).toBe('a b ')
  b.end()
  expect(shown).toBe('a b c ')
})

test('an output that is added when the others have ended is live at once', () => {
  turns.next().end()
  const late = turns.next()
  late.write('late')
  expect(shown).toBe('late')
})
