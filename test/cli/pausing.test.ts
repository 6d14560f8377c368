import { describe, expect, test } from '@jest/globals'
import { isPaused, setPaused } from '../../cli/pausing.ts'
import { memoryMappings } from './mappings.twin.ts'

function world(looks?: number) {
  const mappings = memoryMappings({ 'fn-catalog': ['a', 'b'] }, looks)
  const clock = { now: 0, progress: [] as string[] }
  const waiting = {
    now: () => clock.now,
    sleep: async (ms: number) => void (clock.now += ms),
    progress: (text: string) => void clock.progress.push(text),
  }
  const set = (paused: boolean) => setPaused({ reaction: 'catalog', fn: 'fn-catalog' }, paused, mappings, waiting)
  return { mappings, clock, waiting, set }
}

describe('pause and resume', () => {
  test('is over when AWS has done it, for every mapping of the function, not when AWS was asked', async () => {
    const { mappings, clock, set } = world()
    expect(await set(true)).toEqual({ reaction: 'catalog', state: 'paused', changed: true })
    expect((await mappings.of('fn-catalog')).map(({ state }) => state)).toEqual(['Disabled', 'Disabled'])
    expect(clock.progress).toContain('catalog: disabling …')
    expect(await set(false)).toEqual({ reaction: 'catalog', state: 'running', changed: true })
    expect((await mappings.of('fn-catalog')).map(({ state }) => state)).toEqual(['Enabled', 'Enabled'])
  })

  test('asked for again, nothing is changed', async () => {
    const { mappings, set } = world()
    await set(true)
    const calls = mappings.calls.length
    expect(await set(true)).toMatchObject({ changed: false })
    expect(mappings.calls.length).toBe(calls)
  })

  test('broken off and asked for the other way, it waits for AWS first, which takes no change meanwhile', async () => {
    const { mappings, set } = world()
    await mappings.enable('a', false)
    expect(await set(false)).toMatchObject({ state: 'running', changed: true })
    expect((await mappings.of('fn-catalog')).map(({ state }) => state)).toEqual(['Enabled', 'Enabled'])
  })

  test('an AWS that never gets there is not waited for without end', async () => {
    const { set } = world(Infinity)
    await expect(set(true)).rejects.toThrow('still is Disabling after 3 minutes')
  })

  test('a function that is not there is not deployed, rather than paused', async () => {
    const { mappings, waiting } = world()
    await expect(setPaused({ reaction: 'job', fn: 'fn-job' }, true, mappings, waiting)).rejects.toThrow(
      'there is no function fn-job',
    )
    expect(isPaused([])).toBe(false)
  })

  test('a queue that one of two mappings still empties is not paused', () => {
    expect(
      isPaused([
        { id: 'a', state: 'Disabled' },
        { id: 'b', state: 'Enabled' },
      ]),
    ).toBe(false)
    expect(isPaused([{ id: 'a', state: 'Disabling' }])).toBe(true)
    expect(isPaused([{ id: 'a', state: 'Enabling' }])).toBe(false)
  })
})
