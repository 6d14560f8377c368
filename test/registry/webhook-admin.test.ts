import { describe, expect, test } from '@jest/globals'
import type { RegistryApi } from '../../src/registry/rest-api.ts'
import { databricksWebhooks } from '../../src/registry/webhook-admin-databricks.ts'
import { knowsWebhooks, mlflowWebhooks } from '../../src/registry/webhook-admin-mlflow.ts'
import { CallFailed } from '../../src/registry/webhook-calls.ts'

type Answer = Awaited<ReturnType<RegistryApi['call']>>

/** A server with scripted responses, and the calls it received. */
function server(...answers: Answer[]) {
  const asked: { readonly what: string; readonly body?: unknown }[] = []
  const call: RegistryApi['call'] = async (method, path, body) => {
    asked.push({ what: `${method} ${path}`, ...(body === undefined ? {} : { body }) })
    const answer = answers.shift()
    if (answer === undefined) throw new Error(`nothing answers ${method} ${path}`)
    return answer
  }
  return { api: { call }, asked }
}
const ok = (body: unknown): Answer => ({ status: 200, body })

describe('webhooks of MLflow', () => {
  const webhook = (id: string, more: object = {}) => ({
    webhook_id: id,
    name: 'landfall-flights-prod',
    url: 'https://x/registries/main',
    events: [
      { entity: 'MODEL_VERSION_TAG', action: 'SET' },
      { entity: 'MODEL_VERSION_ALIAS', action: 'CREATED' },
    ],
    status: 'ACTIVE',
    creation_timestamp: 1,
    ...more,
  })

  test('are listed to the last page: a missed one would be created again', async () => {
    const { api, asked } = server(
      ok({ webhooks: [webhook('a')], next_page_token: 'n/1' }),
      ok({ webhooks: [webhook('b', { status: 'DISABLED' })], next_page_token: '' }),
    )
    expect(await mlflowWebhooks(api).list()).toMatchObject([
      { id: 'a', isActive: true, events: ['MODEL_VERSION_ALIAS.CREATED', 'MODEL_VERSION_TAG.SET'] },
      { id: 'b', isActive: false },
    ])
    expect(asked[1]?.what).toBe('GET /api/2.0/mlflow/webhooks?max_results=100&page_token=n%2F1')
    expect(await mlflowWebhooks(server(ok({})).api).list()).toEqual([])
  })

  test.each([mlflowWebhooks, databricksWebhooks])('%p: a list without end is refused', async (admin) => {
    const { api } = server(...Array.from({ length: 300 }, (_, i) => ok({ next_page_token: `n${i}` })))
    await expect(admin(api).list()).rejects.toMatchObject({ code: 'endless-list' })
  })

  test('subscribe to aliases, tags and new versions, in the upper case that MLflow needs', async () => {
    const { api, asked } = server(ok({ webhook: webhook('a') }))
    await mlflowWebhooks(api).create('n', 'https://x', 's')
    expect(asked[0]).toMatchObject({
      what: 'POST /api/2.0/mlflow/webhooks',
      body: { name: 'n', url: 'https://x', secret: 's', status: 'ACTIVE' },
    })
    const { events } = asked[0]!.body as { events: { entity: string; action: string }[] }
    expect(events.map(({ entity, action }) => `${entity}.${action}`).toSorted()).toEqual(mlflowWebhooks(api).events)
    expect(mlflowWebhooks(api).events).toEqual([
      'MODEL_VERSION.CREATED',
      'MODEL_VERSION_ALIAS.CREATED',
      'MODEL_VERSION_ALIAS.DELETED',
      'MODEL_VERSION_TAG.DELETED',
      'MODEL_VERSION_TAG.SET',
    ])
  })

  test('keep their secret when they are repaired without another one', async () => {
    const { api, asked } = server(ok({ webhook: webhook('a') }), ok({ webhook: webhook('a') }))
    const hook = { id: 'a', name: 'n', url: 'u', events: [], isActive: false }
    await mlflowWebhooks(api).repair(hook)
    await mlflowWebhooks(api).repair(hook, 's')
    expect(JSON.stringify(asked[0]?.body)).not.toContain('secret')
    expect(asked[1]?.body).toMatchObject({ secret: 's', status: 'ACTIVE' })
  })

  test('return the status of a sample delivery, or the reason why there is none', async () => {
    const { api } = server(
      ok({ result: { success: true, response_status: 204, response_body: '' } }),
      ok({ result: { success: false, error_message: 'Failed to test webhook: x' } }),
      ok({ result: {} }),
    )
    const admin = mlflowWebhooks(api)
    expect(await admin.test('a')).toEqual({ delivered: true, status: 204 })
    expect(await admin.test('a')).toEqual({ delivered: false, reason: 'Failed to test webhook: x' })
    expect(await admin.test('a')).toEqual({ delivered: false })
  })

  test('fail with the status and MLflow’s message, without HTML', async () => {
    const { api } = server(
      { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: 'Invalid webhook URL scheme' } },
      { status: 500, body: undefined, text: '<!doctype html>\n<title>500</title>' },
    )
    const error = await mlflowWebhooks(api)
      .list()
      .catch((each: unknown) => each)
    expect(error).toBeInstanceOf(CallFailed)
    expect(error).toMatchObject({ status: 400, code: 'INVALID_PARAMETER_VALUE' })
    await expect(mlflowWebhooks(api).list()).rejects.toThrow(
      /^GET \/api\/2\.0\/mlflow\/webhooks was answered with 500$/,
    )
  })

  test.each([
    [404, 'yes'],
    [500, 'no'],
    [501, 'no'],
    [403, 'unclear'],
  ])('a server that answers %d for an unknown id supports webhooks: %s', async (status, known) => {
    expect(await knowsWebhooks(server({ status, body: undefined }).api)).toBe(known)
  })
})

describe('webhooks of a Databricks workspace', () => {
  const webhook = (id: string, more: object = {}) => ({
    id,
    events: ['MODEL_VERSION_CREATED'],
    status: 'ACTIVE',
    description: 'landfall-flights-prod',
    http_url_spec: { url: 'https://x/registries/main' },
    ...more,
  })

  test('are not listed if they are of one model or start a job', async () => {
    const { api } = server(
      ok({
        webhooks: [
          webhook('a'),
          webhook('b', { model_name: 'delay' }),
          webhook('d', { model_name: '' }),
          { ...webhook('c'), http_url_spec: undefined, job_spec: { job_id: '1' } },
        ],
      }),
    )
    expect((await databricksWebhooks(api).list()).map(({ id }) => id)).toEqual(['a', 'd'])
  })

  test('are created for all models with TLS verified, and repaired with address and secret together', async () => {
    const { api, asked } = server(ok({ webhook: webhook('a') }), ok({ webhook: webhook('a') }))
    const admin = databricksWebhooks(api)
    const hook = await admin.create('n', 'https://x/registries/main', 's')
    await admin.repair(hook, 't')
    const spec = { url: 'https://x/registries/main', enable_ssl_verification: true }
    expect(asked).toMatchObject([
      { what: 'POST /api/2.0/mlflow/registry-webhooks/create', body: { http_url_spec: { ...spec, secret: 's' } } },
      {
        what: 'PATCH /api/2.0/mlflow/registry-webhooks/update',
        body: { id: 'a', http_url_spec: { ...spec, secret: 't' } },
      },
    ])
    expect(asked[0]?.body).not.toHaveProperty('model_name')
  })

  test('return the result of a sample delivery; removing a deleted one succeeds', async () => {
    const { api } = server(
      ok({ status_code: 401, body: '' }),
      ok({ status_code: 204 }),
      // As on the documentation page about webhooks.
      ok({ status: 204, body: '' }),
      ok({ status: 413, body: '' }),
      ok({}),
      { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'x' } },
      { status: 403, body: { error_code: 'PERMISSION_DENIED', message: 'x' } },
    )
    const admin = databricksWebhooks(api)
    expect(await admin.test('a')).toEqual({ delivered: false, status: 401 })
    expect(await admin.test('a')).toEqual({ delivered: true, status: 204 })
    expect(await admin.test('a')).toEqual({ delivered: true, status: 204 })
    expect(await admin.test('a')).toEqual({ delivered: false, status: 413 })
    expect(await admin.test('a')).toEqual({ delivered: false, reason: expect.any(String) })
    await admin.remove('a')
    await expect(admin.remove('a')).rejects.toThrow('403')
  })
})
