import { beforeEach, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Part, PartContext } from '../../../local/demo/part.ts'
import { playParts } from '../../../local/demo/play.ts'
import { screenOn } from '../../../local/demo/screen.ts'
import { Turns } from '../../../local/demo/turns.ts'

let shown: string
let began: string[]
beforeEach(() => {
  shown = ''
  began = []
})

const part = (name: string, ms: number, rest: Partial<Part> = {}): Part => ({
  name,
  summary: '',
  systems: [],
  after: [],
  missing: () => undefined,
  title: () => `# ${name}`,
  async play({ screen }) {
    began.push(name)
    await screen.step(name, async () => {
      await sleep(ms)
      return `${name} is done`
    })
  },
  ...rest,
})
const failing = (name: string): Part => part(name, 0, { play: () => Promise.reject(new Error('the figures differ')) })

/** Runs the parts without an emulator; returns those that failed. */
async function play(parts: readonly Part[], atOnce?: number, signal = new AbortController().signal) {
  const turns = new Turns((text) => (shown += text))
  const context = {
    lake: {},
    emulator: {},
    signal,
    deployed: Promise.resolve(),
    system: (name: string) => Promise.resolve({ host: `http://${name}`, endpoint: `http://${name}` }),
  } as unknown as Omit<PartContext, 'screen'>
  const screen = () => {
    const output = turns.next()
    return { ...screenOn({ isTTY: false } as NodeJS.WriteStream, () => 0, output), end: output.end }
  }
  const results = await playParts(parts, { ...context, screen }, atOnce)
  return results.filter(({ error }) => error !== undefined).map(({ name, error }) => `${name}: ${error?.message}`)
}

const shownNames = () => [...shown.matchAll(/# (\w+)/g)].map(([, name]) => name)

describe('parts of the demo', () => {
  test('run concurrently and are shown in the order of the list', async () => {
    expect(await play([part('slow', 40), part('quick', 0)])).toEqual([])
    expect(began).toEqual(['slow', 'quick'])
    expect(shownNames()).toEqual(['slow', 'quick'])
    expect(shown).toMatch(/slow is done.*quick is done/s)
  })

  test('that fail do not stop the others, and show the reason in their place', async () => {
    expect(await play([part('a', 20), failing('b'), part('c', 0)])).toEqual(['b: the figures differ'])
    expect(shown).toMatch(/a is done.*# b\n\n {2}b failed: the figures differ.*c is done/s)
  })

  test('start when their dependencies have succeeded, and not if one failed', async () => {
    const [a, b] = [part('a', 20), part('b', 0, { after: ['a'] })]
    const order = ['a', 'b']
    expect(await play([a, b])).toEqual([])
    expect(began).toEqual(order)
    began = []
    expect(await play([failing('x'), part('y', 0, { after: ['x'] }), part('z', 0, { after: ['y'] })])).toEqual([
      'x: the figures differ',
      'y: it builds on x, which failed',
      'z: it builds on y, which failed',
    ])
    expect(began).toEqual([])
  })

  test('run up to the limit at a time; the others follow in order', async () => {
    let [now, most] = [0, 0]
    const counting = (name: string) =>
      part(name, 0, {
        async play() {
          began.push(name)
          most = Math.max(most, (now += 1))
          await sleep(5)
          now -= 1
        },
      })
    expect(await play(['a', 'b', 'c', 'd', 'e'].map(counting), 2)).toEqual([])
    expect(most).toBe(2)
    expect(began).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('show a system before the first part that needs it', async () => {
    await play([part('a', 0), part('b', 0, { systems: ['mlflow'] }), part('c', 0, { systems: ['mlflow'] })])
    expect(shown.match(/MLflow server/g)).toHaveLength(1)
    expect(shown).toMatch(/# b\n {2}✓ MLflow server +http:\/\/mlflow .*\n.*b is done/)
  })

  test('report no results when the demo is interrupted', async () => {
    expect(await play([failing('a')], 1, AbortSignal.abort())).toEqual(['a: the figures differ'])
    expect(shown).not.toContain('failed')
  })
})
