import { describe, expect, test } from '@jest/globals'
import { Unavailable } from '../../src/http/http.ts'
import { champion, error, found, HOST, json, mlflow, version, world } from './scripted.ts'

describe('the response of a registry', () => {
  test.each([
    ['no such model', error(404, 'RESOURCE_DOES_NOT_EXIST')],
    ['no such alias, in MLflow’s form', error(400, 'INVALID_PARAMETER_VALUE', 'Registered model alias x not found.')],
    ['no such schema', error(404, 'SCHEMA_DOES_NOT_EXIST')],
  ])('%s means that nothing is promoted', async (_what, answer) => {
    expect(await world([answer]).models.promoted('delay', champion)).toBeUndefined()
  })

  test.each<[string, Response, string]>([
    ['an invalid alias', error(400, 'INVALID_PARAMETER_VALUE', "Invalid alias name: 'x!'."), 'registry-refused'],
    ['no permission', error(403, 'PERMISSION_DENIED'), 'permission-denied'],
    ['no permission, in plain text', new Response('Not for you', { status: 403 }), 'permission-denied'],
    ['a page of another server', new Response('<html>Not Found', { status: 404 }), 'registry-refused'],
    [
      'a log-in in between',
      new Response('', { status: 302, headers: { location: 'https://sso' } }),
      'registry-refused',
    ],
    ['a rejected host name', new Response('Invalid Host header - …', { status: 403 }), 'host-refused'],
  ])('%s is refused with advice', async (_what, answer, code) => {
    await expect(world([answer]).models.promoted('delay', champion)).rejects.toMatchObject({
      name: 'Refused',
      code,
      message: expect.stringContaining('delay'),
      detail: { subject: 'delay', advice: expect.stringMatching(/\w/) },
    })
  })

  test.each<[string, () => Response | Error]>([
    ['500', () => new Response('oops', { status: 500 })],
    ['503', () => new Response('', { status: 503, headers: { 'retry-after': '60' } })],
    ['429', () => error(429, 'REQUEST_LIMIT_EXCEEDED')],
    ['no response', () => new TypeError('fetch failed')],
    ['a page instead of JSON', () => new Response('<html>', { status: 200 })],
    ['a busy database', () => error(400, 'TEMPORARILY_UNAVAILABLE')],
    ['a conflict', () => error(409, 'ABORTED')],
  ])('%s is temporary: it is thrown, not treated as nothing promoted', async (_what, answer) => {
    const { models } = world(Array.from({ length: 60 }, answer))
    await expect(models.promoted('delay', champion)).rejects.toThrow(Unavailable)
  })

  test.each([
    {},
    { model_version: {} },
    { model_version: version('1', { status: 1 }) },
    ...['', '../1', 'latest', '1e3', -1, 1.5].map((number) => ({ model_version: version(number) })),
    [],
    'x',
    null,
  ])('an answer of another shape, %j, is an error that says where', async (body) => {
    const failed = world([json(200, body)]).models.promoted('delay', champion)
    await expect(failed).rejects.toThrow('https://mlflow.example/api/2.0/mlflow/registered-models/alias answered 200')
  })

  test.each([
    ['READY', 'ready'],
    ['PENDING_REGISTRATION', 'pending'],
    ['FAILED_REGISTRATION', 'failed'],
  ])('a version that is %s is %s', async (status, expected) => {
    const tags = [{ key: 'a', value: 'b' }, { key: 'empty' }]
    expect(await world([found('12', { status, tags })]).models.promoted('delay', champion)).toEqual({
      version: '12',
      source: 'models:/m-12',
      status: expected,
      tags: { a: 'b', empty: '' },
    })
  })

  const prompt = { tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] }
  test.each([
    ['its version is promoted', [found('1', prompt)]],
    ['none is', [error(400, 'INVALID_PARAMETER_VALUE', 'Registered model alias champion not found.')]],
  ])('a prompt of the model’s name is refused as such if %s', async (_what, answers) => {
    const { models } = world([...answers, json(200, { registered_model: { name: 'delay', ...prompt } })])
    await expect(models.promoted('delay', champion)).rejects.toMatchObject({
      code: 'prompt-not-model',
      detail: { advice: expect.stringContaining('Set the model') },
    })
  })

  test('nothing is promoted if the registry does not say whether the name is a prompt’s', async () => {
    const { models } = world([
      error(400, 'INVALID_PARAMETER_VALUE', 'Registered model alias champion not found.'),
      error(403, 'PERMISSION_DENIED'),
    ])
    expect(await models.promoted('delay', champion)).toBeUndefined()
  })

  test.each([
    [`${HOST}/mlflow/api/x?session=1#a`, 'https://mlflow.example/mlflow/api/x.', 'Correct the registry'],
    ['/mlflow/', 'https://mlflow.example/mlflow/.', 'Correct the registry'],
    ['http://mlflow.example/', 'http://mlflow.example/.', 'Correct the registry'],
    ['https://u:p@sso.example/login?to=x', 'https://sso.example/login.', 'a log-in page'],
    ['login:', 'an address of login:', 'Correct the registry'],
  ])('a redirect to %s is refused at once and says where it leads', async (location, target, advice) => {
    const { models, calls } = world([new Response('', { status: 302, headers: { location } })])
    await expect(models.promoted('delay', champion)).rejects.toMatchObject({
      code: 'registry-refused',
      message: expect.stringContaining(target.replace(/\.$/, '')),
      detail: { advice: expect.stringMatching(new RegExp(`redirects to ${target}.*${advice}`)) },
    })
    expect(calls).toHaveLength(1)
  })

  test('all pages are read, and the highest version wins numerically', async () => {
    const tags = [{ key: 'gate', value: 'ok' }]
    const { models, calls } = world([
      json(200, { model_versions: [version('9', { tags }), version('2', { tags })], next_page_token: 'p&2' }),
      json(200, { next_page_token: 'p3' }),
      json(200, { model_versions: [version(10, { tags }), version('11', { tags, name: 'DELAY' }), version('12')] }),
    ])
    const promote = { tag: { key: 'gate', value: 'ok' } }
    expect(await models.promoted('delay', promote)).toMatchObject({ version: '10' })
    expect(calls.map(({ url }) => new URL(url).searchParams.get('page_token'))).toEqual([null, 'p&2', 'p3'])
    expect(new URL(calls[0]?.url ?? '').searchParams.get('filter')).toBe("name = 'delay' and tags.`gate` = 'ok'")
  })

  test('a page that leads to itself ends', async () => {
    const page = () => json(200, { next_page_token: 'again' })
    const { models } = world([page(), page()])
    expect(await models.promoted('delay', { tag: { key: 'k', value: 'v' } })).toBeUndefined()
  })

  test('a search without end is refused', async () => {
    const { models, calls } = world(
      Array.from({ length: 300 }, (_, i) => json(200, { next_page_token: String(i % 2) })),
    )
    await expect(models.promoted('delay', { tag: { key: 'k', value: 'v' } })).rejects.toMatchObject({
      name: 'Refused',
      code: 'endless-list',
      message: expect.stringContaining('the versions of delay'),
    })
    expect(calls).toHaveLength(200)
  })

  test('a 403 of MLflow’s own log-in for a missing model means that nothing is promoted', async () => {
    const denied = () => new Response('Permission denied', { status: 403 })
    const { models, calls } = world([denied(), error(404, 'RESOURCE_DOES_NOT_EXIST')])
    expect(await models.promoted('a model', champion)).toBeUndefined()
    expect(calls[1]?.url).toBe(`${HOST}/api/2.0/mlflow/registered-models/get?name=a%20model`)
    const there = world([denied(), json(200, { registered_model: { name: 'delay' } })])
    await expect(there.models.promoted('delay', champion)).rejects.toMatchObject({ code: 'permission-denied' })
    const gone = world([denied(), error(404, 'RESOURCE_DOES_NOT_EXIST')])
    expect(await gone.models.tag('delay', '1', { 'landfall.delay.at': 'now' })).toBe('gone')
  })

  test('tags are set one after the other, until the version is deleted', async () => {
    const { models, calls } = world([json(200, {}), error(404, 'RESOURCE_DOES_NOT_EXIST')])
    expect(await models.tag('a "b"', '3', { 'landfall.x.status': 'live', 'landfall.x.at': '1', more: '2' })).toBe(
      'gone',
    )
    expect(calls.map(({ method, url, body }) => [method, url, JSON.parse(body)])).toEqual([
      [
        'POST',
        `${HOST}/api/2.0/mlflow/model-versions/set-tag`,
        { name: 'a "b"', version: '3', key: 'landfall.x.status', value: 'live' },
      ],
      [
        'POST',
        `${HOST}/api/2.0/mlflow/model-versions/set-tag`,
        { name: 'a "b"', version: '3', key: 'landfall.x.at', value: '1' },
      ],
    ])
  })

  test('a host may have a path', async () => {
    const { models, calls } = world([found()], { ...mlflow, host: `${HOST}/ml/` })
    await models.promoted('delay', champion)
    expect(calls[0]?.url).toMatch(/^https:\/\/mlflow\.example\/ml\/api\/2\.0\//)
  })

  test('calls about webhooks have the same credentials, and return every response', async () => {
    const { api, calls } = world([error(404, 'RESOURCE_DOES_NOT_EXIST'), json(200, { webhooks: [] })])
    expect(await api.call('DELETE', '/api/2.0/mlflow/webhooks/1')).toMatchObject({ status: 404 })
    expect(await api.call('PATCH', '/api/2.0/mlflow/webhooks/1', { status: 'ACTIVE' })).toMatchObject({ status: 200 })
    expect(calls.map(({ method, body }) => [method, body])).toEqual([
      ['DELETE', ''],
      ['PATCH', '{"status":"ACTIVE"}'],
    ])
    expect(calls[1]?.headers).toMatchObject({ 'content-type': 'application/json', authorization: expect.any(String) })
  })
})
