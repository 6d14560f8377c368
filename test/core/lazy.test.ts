import { expect, test } from '@jest/globals'
import { lazy } from '../../src/core/lazy.ts'

interface Port {
  double(value: number): Promise<number>
  name(): Promise<string>
}

test('an adapter is made at the first call, once for all methods', async () => {
  let made = 0
  const port = lazy<Port>(['double', 'name'], async () => {
    made++
    return { double: async (value) => 2 * value, name: async () => 'port' }
  })
  expect(made).toBe(0)
  expect(await Promise.all([port.double(2), port.name()])).toEqual([4, 'port'])
  expect(made).toBe(1)
})

test('an adapter that cannot be made fails that call, and the next one tries again', async () => {
  let tries = 0
  const port = lazy<Pick<Port, 'name'>>(['name'], async () => {
    if (tries++ === 0) throw new Error('no secret yet')
    return { name: async () => 'port' }
  })
  await expect(port.name()).rejects.toThrow('no secret yet')
  expect(await port.name()).toBe('port')
})
