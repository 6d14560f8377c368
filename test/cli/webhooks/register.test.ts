import { describe, expect, test } from '@jest/globals'
import { findHooks, hookName, hookUrl } from '../../../cli/webhooks/hooks.ts'
import { register, rotate } from '../../../cli/webhooks/register.ts'
import { rotatedSecret, type SecretKeeper, signingSecret } from '../../../cli/webhooks/secret.ts'
import { secretsTwin } from '../../core/secrets.twin.ts'
import { webhooksTwin } from '../../registry/webhook-admin.twin.ts'

const url = 'https://api.example.com/registries/main'
const wanted = {
  name: 'landfall-flights-prod',
  url,
  events: ['ALIAS', 'TAG'],
  ours: [url, 'https://api.example.com/registries/other'],
}
const asked = { registry: 'main', wanted, secret: 's1', madeSecret: false, prune: false }

/** Time passes only by sleeping. `onSleep` is called each time. */
const waitingWith = (onSleep: () => void = () => {}) => {
  let now = 0
  return {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms
      onSleep()
    },
    progress: () => {},
  }
}

describe('registering a webhook', () => {
  test('creates a missing webhook, and changes nothing the second time', async () => {
    const twin = webhooksTwin()
    twin.receiver.set(url, ['s1'])
    expect(await register(asked, twin.admin, waitingWith())).toMatchObject({
      outcome: 'created',
      test: { delivered: true, status: 204 },
    })
    twin.calls.length = 0
    expect(await register(asked, twin.admin, waitingWith())).toMatchObject({ outcome: 'unchanged', why: [], id: 'h1' })
    expect(twin.calls).toEqual(['list', 'test h1'])
  })

  test.each([
    ['is disabled', { isActive: false }, 'it is disabled'],
    ['lacks events', { events: ['TAG'] }, 'it lacks the events ALIAS'],
  ])('repairs a webhook that %s, and keeps its secret', async (_, more, why) => {
    const twin = webhooksTwin()
    twin.receiver.set(url, ['s1'])
    twin.put(wanted.name, url, 's1', more)
    expect(await register(asked, twin.admin, waitingWith())).toMatchObject({ outcome: 'updated', why: [why] })
    expect(twin.calls).toEqual(['list', 'repair h1', 'test h1'])
    expect(twin.hooks.get('h1')).toMatchObject({ events: wanted.events, isActive: true, secret: 's1' })
  })

  test('does not change a webhook with additional events: the others are ignored', async () => {
    const twin = webhooksTwin()
    twin.receiver.set(url, ['s1'])
    twin.put('by hand', url, 's1', { events: ['ALIAS', 'PROMPT', 'TAG'] })
    expect(await register(asked, twin.admin, waitingWith())).toMatchObject({ outcome: 'unchanged' })
  })

  test('detects another signing secret by a test delivery, and sets the right one', async () => {
    const twin = webhooksTwin()
    twin.receiver.set(url, ['s1'])
    twin.put(wanted.name, url, 'of-somebody-else')
    const registered = await register(asked, twin.admin, waitingWith())
    expect(registered).toMatchObject({ outcome: 'updated', why: ['it signed with another secret'] })
    expect(registered.test.delivered).toBe(true)
  })

  test('waits until the receiver knows a new secret, up to a limit', async () => {
    const twin = webhooksTwin()
    twin.receiver.set(url, ['older'])
    let sleeps = 0
    const learns = waitingWith(() => void (++sleeps === 3 && twin.receiver.set(url, ['s1', 'older'])))
    expect(await register({ ...asked, madeSecret: true }, twin.admin, learns)).toMatchObject({ test: { status: 204 } })
    twin.receiver.set(url, ['older'])
    expect(await register(asked, twin.admin, waitingWith())).toMatchObject({ test: { delivered: false, status: 401 } })
  })

  test('reports duplicates and webhooks to former addresses, removes them with --prune, and leaves others alone', async () => {
    const twin = webhooksTwin()
    twin.receiver.set(url, ['s1'])
    twin.put('theirs', 'https://elsewhere.example.com/hook', 'x')
    twin.put(wanted.name, 'https://api.example.com/registries/other', 's1')
    const [off, good, gone] = [
      twin.put(wanted.name, url, 's1', { isActive: false }),
      twin.put('by hand', url, 's1'),
      twin.put(wanted.name, 'https://old.example.com/registries/main', 's1'),
    ]
    expect(await register(asked, twin.admin, waitingWith())).toMatchObject({
      outcome: 'unchanged',
      id: good,
      duplicates: [off],
      strays: [gone],
      pruned: false,
    })
    expect(twin.hooks.size).toBe(5)
    await register({ ...asked, prune: true }, twin.admin, waitingWith())
    expect([...twin.hooks.keys()]).toEqual(['h1', 'h2', good])
  })

  test('names are valid in MLflow for any lake name', () => {
    expect(hookName({ name: 'flights', stage: 'prod' })).toBe('landfall-flights-prod')
    const name = hookName({ name: 'Überflug_2', stage: 'x'.repeat(80) })
    expect(name).toMatch(/^[a-z0-9._-]{1,63}$/)
  })

  test('addresses have no double slash: a redirect would turn deliveries into GETs', () => {
    expect(hookUrl('https://api.example.com/', 'main')).toBe(url)
    expect(findHooks([], wanted)).toEqual({ faults: [], duplicates: [], strays: [] })
  })
})

function keeper(values: Readonly<Record<string, string>>): SecretKeeper & { values: Map<string, string> } {
  const twin = secretsTwin(values)
  return Object.assign(twin, { put: async (id: string, text: string) => void twin.values.set(id, text) })
}

describe('the signing secret', () => {
  test('is the first in the secret, as a list or as one text, and nothing is written then', async () => {
    for (const webhook of [['a', 'b'], 'a']) {
      const secrets = keeper({ id: JSON.stringify({ token: 't', webhook }) })
      expect(await signingSecret('id', secrets, () => 'new')).toEqual({ secret: 'a', isNew: false })
      expect(JSON.parse(secrets.values.get('id')!)).toEqual({ token: 't', webhook })
    }
  })

  test('is created where there is none, and added to the rest of the secret', async () => {
    const secrets = keeper({ id: '{"username":"u","password":"p"}' })
    expect(await signingSecret('id', secrets, () => 'new')).toEqual({ secret: 'new', isNew: true })
    expect(JSON.parse(secrets.values.get('id')!)).toEqual({ username: 'u', password: 'p', webhook: ['new'] })
  })

  test('in a rotation is put before the current one; an older one is dropped', async () => {
    const secrets = keeper({ id: '{"token":"t","webhook":["b","a"]}' })
    expect(await rotatedSecret('id', secrets, () => 'c')).toBe('c')
    expect(JSON.parse(secrets.values.get('id')!)).toEqual({ token: 't', webhook: ['c', 'b'] })
  })

  test('is an accepted one at every moment of rotations that are interrupted and repeated', async () => {
    for (const failing of [1, 2, 3, 4, 5, 6]) {
      const twin = webhooksTwin()
      const secrets = keeper({ id: '{"webhook":["a"]}' })
      const hook = { ...twin.hooks.get(twin.put('h', url, 'a'))! }
      let calls = 0
      const check = () => {
        const { webhook } = JSON.parse(secrets.values.get('id')!) as { webhook: readonly string[] }
        expect(webhook).toContain(twin.hooks.get(hook.id)!.secret)
      }
      const failsAt = <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
        async function (...args: A): Promise<R> {
          calls += 1
          if (calls === failing || calls === failing + 1) throw new Error('the process died')
          const answer = await call(...args)
          check()
          return answer
        }
      const admin = { repair: failsAt(twin.admin.repair) }
      const keeping = { ...secrets, put: failsAt(secrets.put) }
      let made = 0
      for (let rotation = 0; rotation < 4; rotation++)
        await rotate(hook, 'id', admin, keeping, () => `new-${++made}`).catch((error: unknown) => error)
      check()
      expect(twin.hooks.get(hook.id)!.secret).toMatch(/^new-/)
    }
  })

  test('is not added to a secret that is not JSON, whose content no error repeats', async () => {
    const secrets = keeper({ id: 'hunter2' })
    const refused = await signingSecret('id', secrets, () => 'new').catch((error: unknown) => error as Error)
    expect(refused).toMatchObject({ code: 'bad-secret' })
    expect(JSON.stringify([refused, (refused as Error).message])).not.toContain('hunter2')
    expect(secrets.values.get('id')).toBe('hunter2')
  })
})
