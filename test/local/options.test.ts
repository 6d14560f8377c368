import { expect, test } from '@jest/globals'
import { startOptions } from '../../local/options.ts'

test('npm start takes a port, and an end', () => {
  expect(startOptions([])).toEqual({ once: false, port: undefined })
  expect(startOptions(['--once', '--port', '4566'])).toEqual({ once: true, port: 4566 })
})

test.each(['abc', '', '0', '-1', '65536', '4566.5', '1e3'])('%j is no port, and nothing is started on it', (port) => {
  expect(() => startOptions([`--port=${port}`])).toThrow(`--port takes a port, 1 to 65535, not '${port}'`)
})

test.each(['--bogus', 'once', '--port'])('%s is told what there is', (arg) => {
  expect(() => startOptions([arg])).toThrow('it takes nothing but -- --once and -- --port N')
})
