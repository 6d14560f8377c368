import { expect, test } from '@jest/globals'
import { HELP, startOptions } from '../../local/options.ts'

const PARTS = ['catalog', 'job']
const options = (...args: string[]) => startOptions(args, PARTS)
const DEFAULTS = { once: false, port: undefined, only: [], list: false, help: false }

test('npm start takes a port, parts, and whether to exit', () => {
  expect(options()).toEqual(DEFAULTS)
  expect(options('--once', '--port', '4566')).toEqual({ ...DEFAULTS, once: true, port: 4566 })
  expect(options('--list')).toEqual({ ...DEFAULTS, list: true })
  expect(options('--help')).toEqual({ ...DEFAULTS, help: true })
})

test.each([
  [['--only', 'job'], ['job']],
  [
    ['--only', 'job,catalog'],
    ['job', 'catalog'],
  ],
  [
    ['--only=job', '--only', ' catalog'],
    ['job', 'catalog'],
  ],
])('%j names the parts %j', (args, only) => {
  expect(options(...args)).toEqual({ ...DEFAULTS, only })
})

test.each(['bogus', 'job,bogus', '', 'Job'])('an unknown part in %j is refused with the known ones', (names) => {
  expect(() => options('--only', names)).toThrow(/the demo has no part '(bogus||Job)'; its parts: catalog, job/)
})

test.each(['abc', '', '0', '-1', '65536', '4566.5', '1e3'])('%j is refused as a port', (port) => {
  expect(() => options(`--port=${port}`)).toThrow(`--port takes a port, 1 to 65535, not '${port}'`)
})

test.each(['--bogus', 'once', '--port', '--only'])('%s is refused with the list of options', (arg) => {
  expect(() => options(arg)).toThrow('the options are --only NAME[,NAME], --list, --once, --port PORT and --help')
})

test('the help fits 80 columns and has every option', () => {
  for (const line of HELP.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  for (const option of ['--only', '--list', '--once', '--port', '--help']) expect(HELP).toContain(`  ${option}`)
})
