import { describe, expect, test } from '@jest/globals'
import { isPaused } from '../../cli/mappings.ts'
import { setPaused } from '../../cli/pausing.ts'
import { memoryMappings } from './mappings.twin.ts'

function world(polls?: number) {
  const mappings = memoryMappings({ 'fn-catalog': ['a', 'b'] }, polls)
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
  test('return when AWS has completed the change for every mapping of the function', async () => {
    const { mappings, clock, set } = world()
    expect(await set(true)).toEqual({ reaction: 'catalog', state: 'paused', changed: true })
    expect((await mappings.of('fn-catalog')).map(({ state }) => state)).toEqual(['Disabled', 'Disabled'])
    expect(clock.progress).toContain('catalog: disabling …')
    expect(await set(false)).toEqual({ reaction: 'catalog', state: 'running', changed: true })
    expect((await mappings.of('fn-catalog')).map(({ state }) => state)).toEqual(['Enabled', 'Enabled'])
  })

  test('change nothing when repeated', async () => {
    const { mappings, set } = world()
    await set(true)
    const calls = mappings.calls.length
    expect(await set(true)).toMatchObject({ changed: false })
    expect(mappings.calls.length).toBe(calls)
  })

  test('wait for an earlier change in progress before requesting the opposite', async () => {
    const { mappings, set } = world()
    await mappings.setEnabled('a', false)
    expect(await set(false)).toMatchObject({ state: 'running', changed: true })
    expect((await mappings.of('fn-catalog')).map(({ state }) => state)).toEqual(['Enabled', 'Enabled'])
  })

  test('stop waiting for a change that AWS never completes', async () => {
    const { set } = world(Infinity)
    await expect(set(true)).rejects.toThrow('is still Disabling after 3 minutes')
  })

  test('report a missing function as not deployed, rather than paused', async () => {
    const { mappings, waiting } = world()
    await expect(setPaused({ reaction: 'job', fn: 'fn-job' }, true, mappings, waiting)).rejects.toThrow(
      'there is no function fn-job',
    )
    expect(isPaused([])).toBe(false)
  })

  test('a queue counts as paused only if every mapping is disabled', () => {
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
