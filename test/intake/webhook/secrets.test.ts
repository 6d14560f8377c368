import { describe, expect, test } from '@jest/globals'
import { mlflowBody, mlflowHeaders, NOW, SECRET, webhookWorld } from './world.ts'

const body = mlflowBody('model_version_alias', { name: 'churn', alias: 'champion', version: '1' })
const json = (webhook: unknown) => JSON.stringify({ token: 't', webhook })

/** A world, and deliveries in it that are signed at its time, each with an id of its own. */
function rotation(webhook: unknown = SECRET) {
  const world = webhookWorld({ secret: json(webhook) })
  let ids = 0
  return {
    ...world,
    signedWith: (secret: string) =>
      world.deliver(mlflowHeaders(body, { id: `id-${++ids}`, at: Math.floor(world.clock.now / 1000), secret }), body),
  }
}

describe('the secret that webhooks sign with', () => {
  test('may be two, the one in use and the one before or after it', async () => {
    const { signedWith } = rotation(['new', SECRET])
    expect(await signedWith('new')).toBe(204)
    expect(await signedWith(SECRET)).toBe(204)
    expect(await signedWith('')).toBe(401)
    expect(await signedWith('older')).toBe(401)
  })

  test('is read once a minute, not with every delivery', async () => {
    const { signedWith, secrets, clock } = rotation()
    for (let second = 0; second < 600; second++) {
      clock.now = NOW + second * 1000
      expect(await signedWith(SECRET)).toBe(204)
    }
    expect(secrets.reads).toBe(10)
  })

  test('that is new holds at once', async () => {
    const { signedWith, secrets, clock } = rotation()
    expect(await signedWith(SECRET)).toBe(204)
    clock.now += 4_000
    secrets.values.set('mlflow', json(['new', SECRET]))
    expect(await signedWith('new')).toBe(204)
    expect(await signedWith(SECRET)).toBe(204)
    expect(secrets.reads).toBe(2)
  })

  test('that was taken away holds for a minute at most', async () => {
    const { signedWith, secrets, clock } = rotation(['new', SECRET])
    expect(await signedWith(SECRET)).toBe(204)
    secrets.values.set('mlflow', json(['new']))
    clock.now += 59_999
    expect(await signedWith(SECRET)).toBe(204)
    clock.now += 1
    expect(await signedWith(SECRET)).toBe(401)
  })

  test('is not read more than once in ten seconds for a flood of forgeries, and the flood does not hide a rotation', async () => {
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
    ['an empty one', json('')],
    ['none in its list', json([])],
    ['three', json(['a', 'b', 'c'])],
    ['one that is no text', json([1])],
    ['no JSON', SECRET],
  ])(
    'with %s proves nothing: it is a 401, and the operator is told which, without a word of what is in it',
    async (_what, secret) => {
      const { deliver, notes } = webhookWorld({ secret })
      expect(await deliver(mlflowHeaders(body), body)).toBe(401)
      const [[code, reason] = ['', '']] = notes
      expect(code).toBe('no-webhook-secret')
      expect(reason).toMatch(/^the secret mlflow lacks \{"webhook": "…"\} or /)
      expect(reason).not.toContain(SECRET)
    },
  )

  test('that cannot be read fails the delivery, which is sent again, and is not asked for by every forgery', async () => {
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
