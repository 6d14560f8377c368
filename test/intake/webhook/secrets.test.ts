import { describe, expect, test } from '@jest/globals'
import { lake, mlflowBody, mlflowHeaders, NOW, SECRET, webhookWorld } from './world.ts'

const body = mlflowBody('model_version_alias', { name: 'churn', alias: 'champion', version: '1' })
const json = (webhook: unknown) => JSON.stringify({ token: 't', webhook })

/** A world of one registry, and a function that delivers with a new id and a signature at the current time. */
function rotation(webhook: unknown = SECRET) {
  const of = { ...lake, registries: { main: lake.registries['main']! } }
  const world = webhookWorld({ of, secret: json(webhook) })
  let ids = 0
  return {
    ...world,
    signedWith: (secret: string) =>
      world.deliver(mlflowHeaders(body, { id: `id-${++ids}`, at: Math.floor(world.clock.now / 1000), secret }), body),
  }
}

describe('the secret that webhooks sign with', () => {
  test('may have two values: the current one and the previous or next one', async () => {
    const { signedWith } = rotation(['new', SECRET])
    expect(await signedWith('new')).toBe(204)
    expect(await signedWith(SECRET)).toBe(204)
    expect(await signedWith('')).toBe(401)
    expect(await signedWith('older')).toBe(401)
  })

  test('is read once a minute rather than for each delivery', async () => {
    const { signedWith, secrets, clock } = rotation()
    for (let second = 0; second < 600; second++) {
      clock.now = NOW + second * 1000
      expect(await signedWith(SECRET)).toBe(204)
    }
    expect(secrets.reads).toBe(10)
  })

  test('works at once when it is new', async () => {
    const { signedWith, secrets, clock } = rotation()
    expect(await signedWith(SECRET)).toBe(204)
    clock.now += 4_000
    secrets.values.set('mlflow', json(['new', SECRET]))
    expect(await signedWith('new')).toBe(204)
    expect(await signedWith(SECRET)).toBe(204)
    expect(secrets.reads).toBe(2)
  })

  test('works for a minute at most after it was removed', async () => {
    const { signedWith, secrets, clock } = rotation(['new', SECRET])
    expect(await signedWith(SECRET)).toBe(204)
    secrets.values.set('mlflow', json(['new']))
    clock.now += 59_999
    expect(await signedWith(SECRET)).toBe(204)
    clock.now += 1
    expect(await signedWith(SECRET)).toBe(401)
  })

  test('is read at most once in ten seconds during a flood of forgeries, and a rotation still works', async () => {
    const { signedWith, secrets, clock } = rotation()
    for (let i = 0; i < 60_000; i++) {
      clock.now = NOW + i
      expect(await signedWith('forged')).toBe(401)
    }
    expect(secrets.reads).toBeLessThanOrEqual(7)
    secrets.values.set('mlflow', json('new'))
    clock.now += 10_000
    expect(await signedWith('new')).toBe(204)
  })

  test.each([
    ['no webhook secret', JSON.stringify({ token: 't' })],
    ['an empty webhook secret', json('')],
    ['an empty list', json([])],
    ['three values', json(['a', 'b', 'c'])],
    ['a value that is not text', json([1])],
    ['text that is not JSON', SECRET],
  ])('with %s rejects every delivery with 401; the log names the secret, not its content', async (_what, secret) => {
    const { deliver, notes } = webhookWorld({ secret })
    expect(await deliver(mlflowHeaders(body), body)).toBe(401)
    const [[code, reason] = ['', '']] = notes
    expect(code).toBe('no-webhook-secret')
    expect(reason).toMatch(/^the secret mlflow lacks \{"webhook": "…"\} or /)
    expect(reason).not.toContain(SECRET)
  })

  test('fails the delivery if it cannot be read, and is not read again for each forgery', async () => {
    const { signedWith, secrets, clock } = rotation()
    secrets.failures.push(...Array.from({ length: 5 }, () => new Error('throttled')))
    for (let i = 0; i < 4_000; i++) {
      clock.now = NOW + i
      await expect(signedWith('forged')).rejects.toThrow('throttled')
    }
    expect(secrets.reads).toBe(4)
    clock.now += 1_000
    await expect(signedWith(SECRET)).rejects.toThrow('throttled')
    clock.now += 1_000
    expect(await signedWith(SECRET)).toBe(204)
  })
})
