import { expect, test } from '@jest/globals'
import { describeFaults, problemsOf, type Row } from '../../declaration/faults.ts'
import { validModels as valid } from './model-lake.ts'

const smoke: readonly Row[] = [
  {
    risk: 'a smoke test that sends nothing',
    replace: [21, '      smoke: { request: }'],
    at: '21:16 models.delay.endpoint.smoke.request',
    says: 'expected a request',
  },
  {
    risk: 'a smoke test without a request',
    replace: [21, '      smoke: { expect: any }'],
    at: '21:7 models.delay.endpoint.smoke.request',
    says: "missing key 'request'",
  },
  {
    risk: 'a request that is too large: it is part of every function’s package',
    replace: [21, `      smoke: { request: { inputs: ${'x'.repeat(64_000)} } }`],
    at: '21:16 models.delay.endpoint.smoke.request',
    says: 'at most 64000 bytes as JSON',
  },
  {
    risk: 'a number that JSON cannot express, which would be sent as null',
    replace: [21, '      smoke: { request: { inputs: [1, .nan] } }'],
    at: '21:39 models.delay.endpoint.smoke.request.inputs[1]',
    says: 'a number that JSON has',
  },
  {
    risk: 'a whole number that would lose digits',
    replace: [21, '      smoke: { request: { id: 9007199254740993 } }'],
    at: '21:31 models.delay.endpoint.smoke.request.id',
    says: 'at most 2^53',
    suggestion: '"9007199254740993"',
  },
  {
    risk: 'an unknown placeholder in a request',
    replace: [21, "      smoke: { request: { inputs: ['${env.HOME}'] } }"],
    at: '21:37 models.delay.endpoint.smoke.request.inputs[0]',
    says: 'unknown placeholder ${env.HOME}',
  },
  {
    risk: 'an example value in place of a type, which no other response would match',
    replace: [21, '      smoke: { request: {}, expect: { predictions: [0.5] } }'],
    at: '21:53 models.delay.endpoint.smoke.expect.predictions[0]',
    says: 'one of number, string, boolean, null, any',
    suggestion: 'number',
  },
  {
    risk: 'a misspelt type, which no response would match',
    replace: [21, '      smoke: { request: {}, expect: { predictions: [nubmer] } }'],
    at: '21:53 models.delay.endpoint.smoke.expect.predictions[0]',
    says: 'no shape',
    suggestion: 'number',
  },
  {
    risk: 'a list of two shapes, one of which would be ignored',
    replace: [21, '      smoke: { request: {}, expect: [number, string] }'],
    at: '21:46 models.delay.endpoint.smoke.expect[1]',
    says: 'a list of one shape',
  },
  {
    risk: 'an empty shape',
    replace: [21, '      smoke: { request: {}, expect: }'],
    at: '21:29 models.delay.endpoint.smoke.expect',
    says: 'expected a shape',
  },
]

describeFaults(valid, smoke)

const lines = valid.split('\n')

test.each([
  ['a request that is text', [21, '      smoke: { request: hello, expect: string }']],
  ['any list, and null in a shape', [21, '      smoke: { request: {}, expect: { a: [], b: null, c: any } }']],
  ['numbers that JSON can express', [21, '      smoke: { request: [1e300, -0.5, 0x1F, 9007199254740991] }']],
] as const)('%s is valid', (_, [line, text]) => {
  expect(problemsOf(lines.with(line - 1, text).join('\n'))).toEqual([])
})
