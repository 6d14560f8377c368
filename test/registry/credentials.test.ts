import { describe, expect, test } from '@jest/globals'
import { Refused } from '../../src/core/refused.ts'
import type { RegistrySettings } from '../../src/registry/settings.ts'
import { BASIC, champion, error, found, json, mlflow, world } from './scripted.ts'

describe('credentials of an MLflow server', () => {
  test.each([
    [BASIC, { authorization: `Basic ${Buffer.from('ada:hush:ü').toString('base64')}` }],
    ['{"token":"t-1"}', { authorization: 'Bearer t-1' }],
    ['{"webhook":["current"]}', {}],
  ])('%s', async (secret, headers) => {
    const { models, calls } = world([found()], mlflow, secret)
    await models.promoted('delay', champion)
    expect(calls[0]?.headers).toEqual({ accept: 'application/json', 'user-agent': 'landfall', ...headers })
  })

  test.each(['', 'hush', '[]', '"hush"', '{"username":"hush"}', '{"password":"hush"}', '{"token":""}', '{"token":7}'])(
    'the secret %j is refused, and not repeated',
    async (secret) => {
      const { models, calls } = world([], mlflow, secret)
      const failed = models.promoted('delay', champion)
      await expect(failed).rejects.toMatchObject({ name: 'Refused', code: 'bad-secret' })
      await expect(failed).rejects.not.toThrow('hush')
      expect(calls).toEqual([])
    },
  )

  test('are read once for many calls, and again once they are old', async () => {
    const { models, secrets, clock } = world([found(), found(), found()])
    await models.promoted('delay', champion)
    await models.promoted('delay', champion)
    expect(secrets.reads).toBe(1)
    clock.now += 300_000
    await models.promoted('delay', champion)
    expect(secrets.reads).toBe(2)
  })

  test('are read again after a rotation, and the call succeeds', async () => {
    const { models, secrets, calls } = world([json(200, {}), error(401, 'UNAUTHENTICATED'), found()])
    await expect(models.artifacts('delay', '1')).rejects.toMatchObject({ code: 'no-artifacts' })
    secrets.values.set('landfall/mlflow', '{"token":"t-2"}')
    expect(await models.promoted('delay', champion)).toMatchObject({ version: '1' })
    expect(calls.at(-1)?.headers['authorization']).toBe('Bearer t-2')
  })

  test('are refused after two calls if they are rejected again', async () => {
    const page = () => new Response('You are not authenticated', { status: 401 })
    const { models, calls } = world([page(), page()])
    const failed = models.promoted('delay', champion)
    await expect(failed).rejects.toMatchObject({
      code: 'unauthorized',
      detail: { subject: 'landfall/mlflow', advice: expect.stringContaining('landfall/mlflow') },
    })
    expect(calls).toHaveLength(2)
  })

  test('are removed from messages if the server repeats them', async () => {
    const encoded = Buffer.from('ada:hush:ü').toString('base64')
    const { models } = world([error(400, 'BAD_REQUEST', `bad Basic ${encoded}, hush:ü`)])
    await expect(models.promoted('delay', champion)).rejects.toThrow('bad Basic ***, ***')
  })

  test.each(['http://mlflow.example', 'ftp://mlflow.example', 'mlflow.example', 'https://ada:hush@mlflow.example', ''])(
    'are not sent to %j',
    (host) => {
      expect(() => world([], { ...mlflow, host })).toThrow(Refused)
      expect(() => world([], { ...mlflow, host })).not.toThrow(/hush/)
    },
  )
})

describe('MLflow managed by SageMaker', () => {
  const server = 'arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/main'
  const managed: RegistrySettings = {
    kind: 'sagemaker',
    host: 'https://eu-west-1.experiments.sagemaker.aws',
    server,
    artifacts: mlflow.artifacts,
  }

  // Signatures by botocore 1.43 (SigV4Auth) for the same requests; neither signs the user agent.
  test('is called with the signature that AWS makes for the same request', async () => {
    const { models, calls } = world([found(), json(200, {})], managed)
    await models.promoted('a model of délays+1', champion)
    await models.promoted('delay', { stage: 'Production' })
    expect(calls[0]).toMatchObject({
      url: `${managed.host}/api/2.0/mlflow/registered-models/alias?name=a%20model%20of%20d%C3%A9lays%2B1&alias=champion`,
      headers: {
        'x-mlflow-sm-tracking-server-arn': server,
        'x-amz-date': '20261122T120000Z',
        'x-amz-security-token': 'session/token==',
        authorization: expect.stringMatching(
          /20261122\/eu-west-1\/sagemaker-mlflow\/aws4_request, .*Signature=cca3142353cdf4c2112bfb2d941422d3047b88d8e0cbddd06beeaafb0607e4b5$/,
        ),
      },
    })
    expect(calls[1]?.headers['authorization']).toMatch(
      /Signature=f16e0d84997b431e9ca33eed4314efc3f4fc973a4c1626698724c415972e564d$/,
    )
    expect(calls[1]?.headers).not.toHaveProperty('host')
  })

  test('signs exactly what is sent, for any name of a model', async () => {
    const { models, calls } = world([found()], managed)
    await models.promoted("the carrier's (best) model*!", champion)
    expect(calls[0]?.url).toMatch(/\?name=the%20carrier%27s%20%28best%29%20model%2A%21&alias=champion$/)
    expect(calls[0]?.headers['authorization']).toMatch(
      /Signature=b230c239f5e0c6d7662829bea6dbc7257db07ca45a54674885bbd1602c4588a4$/,
    )
  })

  test('can be an MLflow App', async () => {
    const app = 'arn:aws:sagemaker:eu-west-1:123456789012:mlflow-app/app-1'
    const { models, calls } = world([found()], {
      ...managed,
      host: 'https://mlflow.sagemaker.eu-west-1.app.aws',
      server: app,
    })
    await models.promoted('delay', champion)
    expect(calls[0]?.headers).toMatchObject({
      'x-sm-mlflow-app-arn': app,
      authorization: expect.stringMatching(/bf427749e4a5a112eb7f00e3c20bd202668acdb2f705298b3bb2982d9a02d816$/),
    })
  })

  test('refuses another ARN before anything is sent', () => {
    expect(() => world([], { ...managed, server: 'arn:aws:sagemaker:eu-west-1:1:endpoint/x' })).toThrow(
      expect.objectContaining({ code: 'bad-registry' }),
    )
  })

  test('refuses a role without permission, with what it needs', async () => {
    const { models } = world([json(403, { Message: 'User is not authorized to perform: sagemaker-mlflow:…' })], managed)
    await expect(models.promoted('delay', champion)).rejects.toMatchObject({
      code: 'permission-denied',
      detail: {
        found: expect.stringContaining('not authorized'),
        advice: expect.stringContaining('sagemaker-mlflow'),
      },
    })
  })
})
