import { expect, test } from '@jest/globals'
import { describeFaults, problemsOf, type Row } from '../../declaration/faults.ts'
import { soundModels as sound } from './model-lake.ts'

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
    risk: 'a request that every function would be deployed with and that is too large for it',
    replace: [21, `      smoke: { request: { inputs: ${'x'.repeat(64_000)} } }`],
    at: '21:16 models.delay.endpoint.smoke.request',
    says: 'at most 64000 bytes as JSON',
  },
  {
    risk: 'a number that JSON has not, which would be sent as null',
    replace: [21, '      smoke: { request: { inputs: [1, .nan] } }'],
    at: '21:39 models.delay.endpoint.smoke.request.inputs[1]',
    says: 'a number that JSON has',
  },
  {
    risk: 'a whole number that would be sent as another one',
    replace: [21, '      smoke: { request: { id: 9007199254740993 } }'],
    at: '21:31 models.delay.endpoint.smoke.request.id',
    says: 'at most 2^53',
    suggestion: '"9007199254740993"',
  },
  {
    risk: 'a placeholder of nothing in a request',
    replace: [21, "      smoke: { request: { inputs: ['${env.HOME}'] } }"],
    at: '21:37 models.delay.endpoint.smoke.request.inputs[0]',
    says: 'unknown placeholder ${env.HOME}',
  },
  {
    risk: 'an answer for the shape of one, which no other answer would have',
    replace: [21, '      smoke: { request: {}, expect: { predictions: [0.5] } }'],
    at: '21:53 models.delay.endpoint.smoke.expect.predictions[0]',
    says: 'one of number, string, boolean, null, any',
    suggestion: 'number',
  },
  {
    risk: 'a shape with a misspelt type, which no answer has',
    replace: [21, '      smoke: { request: {}, expect: { predictions: [nubmer] } }'],
    at: '21:53 models.delay.endpoint.smoke.expect.predictions[0]',
    says: 'no shape',
    suggestion: 'number',
  },
  {
    risk: 'a list of two shapes, of which one would not be looked at',
    replace: [21, '      smoke: { request: {}, expect: [number, string] }'],
    at: '21:46 models.delay.endpoint.smoke.expect[1]',
    says: 'a list of one shape',
  },
  {
    risk: 'a shape of nothing',
    replace: [21, '      smoke: { request: {}, expect: }'],
    at: '21:29 models.delay.endpoint.smoke.expect',
    says: 'expected a shape',
  },
]

describeFaults(sound, smoke)

const lines = sound.split('\n')

test.each([
  ['a request that is a text', [21, '      smoke: { request: hello, expect: string }']],
  ['any list, and null in a shape', [21, '      smoke: { request: {}, expect: { a: [], b: null, c: any } }']],
  ['numbers that JSON has', [21, '      smoke: { request: [1e300, -0.5, 0x1F, 9007199254740991] }']],
] as const)('%s is sound', (_, [line, text]) => {
  expect(problemsOf(lines.with(line - 1, text).join('\n'))).toEqual([])
})
