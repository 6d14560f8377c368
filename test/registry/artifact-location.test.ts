import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Refused } from '../../src/core/refused.ts'
import { artifactLocation } from '../../src/registry/artifact-location.ts'

const root = { bucket: 'models', prefix: 'mlflow/prod' }
const refusedOf = (uri: string, at = root): unknown => {
  try {
    return artifactLocation(uri, at)
  } catch (error) {
    return error
  }
}

describe('the location of artifacts', () => {
  test.each([
    ['s3://models/mlflow/prod/1/models/m-1/artifacts', 'mlflow/prod/1/models/m-1/artifacts'],
    ['s3://models/mlflow/prod/1/models/m-1/artifacts/', 'mlflow/prod/1/models/m-1/artifacts'],
    ['mlflow-artifacts:/1/models/m-1/artifacts', 'mlflow/prod/1/models/m-1/artifacts'],
    ['mlflow-artifacts:///1/models/m-1/artifacts', 'mlflow/prod/1/models/m-1/artifacts'],
    ['mlflow-artifacts://mlflow.example:5000/1/models/m-1/artifacts', 'mlflow/prod/1/models/m-1/artifacts'],
    ['mlflow-artifacts:/1/a model of délays+1', 'mlflow/prod/1/a model of délays+1'],
    ['s3://models/mlflow/prod/50% off', 'mlflow/prod/50% off'],
    ['S3://models/mlflow/prod/x', 'mlflow/prod/x'],
  ])('%s', (uri, prefix) => {
    expect(artifactLocation(uri, root)).toEqual({ bucket: 'models', prefix })
  })

  test('in a registry with a whole bucket', () => {
    const bucket = { bucket: 'models', prefix: '' }
    expect(artifactLocation('s3://models/1/m', bucket)).toEqual({ bucket: 'models', prefix: '1/m' })
    expect(artifactLocation('mlflow-artifacts:/1/m', bucket)).toEqual({ bucket: 'models', prefix: '1/m' })
    for (const uri of ['s3://models', 's3://models/', 's3://models//', 'mlflow-artifacts:/', 'mlflow-artifacts:'])
      expect(refusedOf(uri, bucket)).toMatchObject({ code: 'artifacts-elsewhere' })
  })
})

describe('a location outside of the artifacts is refused', () => {
  test.each([
    's3://models/mlflow/production/1',
    's3://models/mlflow',
    's3://models-of-others/mlflow/prod/1',
    's3://models/mlflow/prod/../secret',
    's3://models/mlflow/prod/1/..',
    's3://models/mlflow/prod/./1',
    's3://models/mlflow/prod//1',
    's3://models/mlflow/prod/%2e%2e/1',
    's3://models/mlflow/prod/%252e%252e/1',
    's3://models/mlflow/prod/..%2f1',
    's3://models/mlflow/prod/..\\1',
    's3://models/mlflow/prod/1?versionId=2',
    's3://models/mlflow/prod/1#x',
    's3://models/mlflow/prod/1\n',
    'mlflow-artifacts:/../../secret',
    'mlflow-artifacts:/%2E%2E/secret',
    'mlflow-artifacts://host/../x',
    'dbfs:/databricks/mlflow-registry/1',
    'file:///etc',
    '/etc',
    'runs:/1/model',
    'models:/m-1',
    'models:/churn/1',
    'gs://models/mlflow/prod/1',
    'abfss://models@account/mlflow/prod/1',
    's3a://models/mlflow/prod/1',
    'http://models/mlflow/prod/1',
    'x',
  ])('%s', (uri) => {
    const error = refusedOf(uri)
    expect(error).toBeInstanceOf(Refused)
    expect(error).toMatchObject({
      code: 'artifacts-elsewhere',
      message: expect.stringContaining('s3://models/mlflow/prod/'),
      detail: { found: uri, expected: expect.stringContaining('s3://models/mlflow/prod/'), advice: expect.any(String) },
    })
  })

  test('for any URI, the location is below the artifacts', () => {
    const part = fc.constantFrom(
      '',
      '.',
      '..',
      '%2e',
      '%2E%2e',
      'a',
      'prod',
      'mlflow',
      'models',
      '\\..',
      'x y',
      '?',
      'é',
    )
    const uri = fc
      .tuple(
        fc.constantFrom('s3://', 's3:/', 'mlflow-artifacts:', 'mlflow-artifacts://', 's3://models/mlflow/prod/'),
        fc.array(part),
      )
      .map(([start, parts]) => `${start}${parts.join('/')}`)
    fc.assert(
      fc.property(fc.oneof(uri, fc.string()), (given) => {
        const found = refusedOf(given)
        if (found instanceof Refused) return
        const { bucket, prefix } = found as { bucket: string; prefix: string }
        const url = new URL(`s3://${bucket}/${encodeURI(prefix).replaceAll('%25', '%')}`)
        expect(bucket).toBe('models')
        expect(`${url.pathname}/`.startsWith('/mlflow/prod/')).toBe(true)
        expect(prefix.split('/')).not.toContain('')
      }),
      { seed: 5, numRuns: 2000 },
    )
  })
})
