import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createConfig } from '../../../../local/sagemaker/core/requests.ts'
import { configInput } from '../../../../src/reactions/deployment/aws/sagemaker-inputs.ts'
import { contentTypeFault } from '../../../../src/reactions/deployment/model-names.ts'
import { configName } from '../../../../src/reactions/deployment/resource-names.ts'
import type { Model } from '../../../../src/reactions/deployment/settings.ts'
import { sha256 } from '../../../../src/node/sha256.ts'
import { resolveLake } from '../../../../src/reactions/declaration/resolve.ts'
import { configSpec } from '../sagemaker.suite.ts'
import { validModels } from './model-lake.ts'

/** The model of the valid lake, with these keys in `capture`. */
function modelWith(keys: string): Model {
  const text = validModels.replace("captured', sample: 10% }", `captured'${keys} }`)
  const resolved = resolveLake(text, 'lake.yml')
  if ('problems' in resolved) throw new Error(resolved.problems.map(({ message }) => message).join('\n'))
  return resolved.lake.models['delay']!
}

const inputOf = ({ endpoint: { compute, capture } }: Model) => configInput(configSpec('c', 'm', { compute, capture }))
const nameOf = (model: Model) => configName(model, { version: '1', source: 's' }, 'stack', sha256)

describe('captured data', () => {
  test("is kept as text if it has a content type of MLflow's server, and otherwise in base64", () => {
    expect(inputOf(modelWith('')).DataCaptureConfig).toEqual({
      EnableCapture: true,
      InitialSamplingPercentage: 100,
      DestinationS3Uri: 's3://flights-lake/captured',
      CaptureOptions: [{ CaptureMode: 'Input' }, { CaptureMode: 'Output' }],
      CaptureContentTypeHeader: { JsonContentTypes: ['application/json'], CsvContentTypes: ['text/csv'] },
    })
  })

  test('is kept as text too if lake.yml lists its content type', () => {
    const model = modelWith(', json: [application/x-ndjson], csv: [text/tab-separated-values, text/csv]')
    expect(inputOf(model).DataCaptureConfig?.CaptureContentTypeHeader).toEqual({
      JsonContentTypes: ['application/json', 'application/x-ndjson'],
      CsvContentTypes: ['text/csv', 'text/tab-separated-values'],
    })
  })

  test('takes a new configuration if a content type is added, but not if only their order changes', () => {
    expect(nameOf(modelWith(', json: [a/b]'))).not.toBe(nameOf(modelWith('')))
    expect(nameOf(modelWith(', json: [a/b, a/c]'))).toBe(nameOf(modelWith(', json: [a/c, application/json, a/b, a/b]')))
  })

  test('has content types that SageMaker accepts: check and the stand-in accept the same ones', () => {
    const part = fc.stringMatching(/^[-a-zA-Z0-9.+ ;=/]{0,6}$/)
    const type = fc.oneof(
      fc.tuple(part, part).map((parts) => parts.join('/')),
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 250, max: 260 }).map((length) => `a/${'b'.repeat(length - 2)}`),
      fc.constantFrom('a/b\n', 'a/', '/b', 'a-/b', 'a/b-', 'a/.b', 'a/b.', 'a.b/c', 'A/b--c', 'a/b..c'),
    )
    const seen = { valid: 0, invalid: 0 }
    fc.assert(
      fc.property(type, (given) => {
        const isValid = contentTypeFault(given) === undefined
        const capture = { to: { bucket: 'b', prefix: 'p' }, sample: 1, json: [given], csv: ['text/csv'] }
        const { success } = createConfig.safeParse(configInput(configSpec('c', 'm', { capture })))
        seen[isValid ? 'valid' : 'invalid']++
        expect(success).toBe(isValid)
      }),
      { numRuns: 2_000, seed: 20_261_129 },
    )
    expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(100)
  })
})
