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

/** Time passes by sleeping alone; `onSleep` is what the world does meanwhile. */
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
  test('makes the one that is missing, and the second time changes nothing', async () => {
    const twin = webhooksTwin()
    twin.receiver.set(url, ['s1'])
    expect(await register(asked, twin.admin, waitingWith())).toMatchObject({
      outcome: 'made',
      test: { delivered: true, status: 204 },
    })
    twin.calls.length = 0
    expect(await register(asked, twin.admin, waitingWith())).toMatchObject({ outcome: 'unchanged', why: [], id: 'h1' })
    expect(twin.calls).toEqual(['list', 'test h1'])
  })

  test.each([
    ['is switched off', { isActive: false }, 'it is switched off'],
    ['hears too little', { events: ['TAG'] }, 'it does not hear ALIAS'],
  ])('mends one that %s, and keeps its secret', async (_, more, why) => {
    const twin = webhooksTwin()
    twin.receiver.set(url, ['s1'])
    twin.put(wanted.name, url, 's1', more)
    expect(await register(asked, twin.admin, waitingWith())).toMatchObject({ outcome: 'mended', why: [why] })
    expect(twin.calls).toEqual(['list', 'mend h1', 'test h1'])
    expect(twin.hooks.get('h1')).toMatchObject({ events: wanted.events, isActive: true, secret: 's1' })
  })

  test('leaves one as it is that hears more than it needs to: what is about nothing here is turned away', async () => {
    const twin = webhooksTwin()
    twin.receiver.set(url, ['s1'])
    twin.put('by hand', url, 's1', { events: ['ALIAS', 'PROMPT', 'TAG'] })
    expect(await register(asked, twin.admin, waitingWith())).toMatchObject({ outcome: 'unchanged' })
  })

  test('one that signs with another secret, which nobody can read, shows by its delivery and is signed anew', async () => {
    const twin = webhooksTwin()
    twin.receiver.set(url, ['s1'])
    twin.put(wanted.name, url, 'of-somebody-else')
    const registered = await register(asked, twin.admin, waitingWith())
    expect(registered).toMatchObject({ outcome: 'mended', why: ['it signed with another secret'] })
    expect(registered.test.delivered).toBe(true)
  })

  test('waits until a secret that was just made is known at the other end, and not without end', async () => {
    const twin = webhooksTwin()
    twin.receiver.set(url, ['older'])
    let sleeps = 0
    const learns = waitingWith(() => void (++sleeps === 3 && twin.receiver.set(url, ['s1', 'older'])))
    expect(await register({ ...asked, madeSecret: true }, twin.admin, learns)).toMatchObject({ test: { status: 204 } })
    twin.receiver.set(url, ['older'])
    expect(await register(asked, twin.admin, waitingWith())).toMatchObject({ test: { delivered: false, status: 401 } })
  })

  test('leaves others’ webhooks alone, names those that deliver twice or astray, and removes them when told to', async () => {
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

  test('a name fits what MLflow takes, whatever the lake is called', () => {
    expect(hookName({ name: 'flights', stage: 'prod' })).toBe('landfall-flights-prod')
    const name = hookName({ name: 'Überflug_2', stage: 'x'.repeat(80) })
    expect(name).toMatch(/^[a-z0-9._-]{1,63}$/)
  })

  test('an address has no doubled slash: a redirect would turn deliveries into GETs', () => {
    expect(hookUrl('https://api.example.com/', 'main')).toBe(url)
    expect(findHooks([], wanted)).toEqual({ faults: [], duplicates: [], strays: [] })
  })
})

function keeper(values: Readonly<Record<string, string>>): SecretKeeper & { values: Map<string, string> } {
  const twin = secretsTwin(values)
  return Object.assign(twin, { put: async (id: string, text: string) => void twin.values.set(id, text) })
}

describe('what webhooks sign with', () => {
  test('is the first in the secret, as a list or as one text, and nothing is written then', async () => {
    for (const webhook of [['a', 'b'], 'a']) {
      const secrets = keeper({ id: JSON.stringify({ token: 't', webhook }) })
      expect(await signingSecret('id', secrets, () => 'new')).toEqual({ secret: 'a', isNew: false })
      expect(JSON.parse(secrets.values.get('id')!)).toEqual({ token: 't', webhook })
    }
  })

  test('is made where there is none, and put beside what else is in the secret', async () => {
    const secrets = keeper({ id: '{"username":"u","password":"p"}' })
    expect(await signingSecret('id', secrets, () => 'new')).toEqual({ secret: 'new', isNew: true })
    expect(JSON.parse(secrets.values.get('id')!)).toEqual({ username: 'u', password: 'p', webhook: ['new'] })
  })

  test('in a rotation the new one comes first and the one in use stays; an older one goes', async () => {
    const secrets = keeper({ id: '{"token":"t","webhook":["b","a"]}' })
    expect(await rotatedSecret('id', secrets, () => 'c')).toBe('c')
    expect(JSON.parse(secrets.values.get('id')!)).toEqual({ token: 't', webhook: ['c', 'b'] })
  })

  test('in rotations that are interrupted anywhere, and begun again, it is always one that is taken', async () => {
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
      const admin = { mend: failsAt(twin.admin.mend) }
      const keeping = { ...secrets, put: failsAt(secrets.put) }
      let made = 0
      for (let rotation = 0; rotation < 4; rotation++)
        await rotate(hook, 'id', admin, keeping, () => `new-${++made}`).catch((error: unknown) => error)
      check()
      expect(twin.hooks.get(hook.id)!.secret).toMatch(/^new-/)
    }
  })

  test('a secret that is no JSON is refused and left alone, without a word of what it holds', async () => {
    const secrets = keeper({ id: 'hunter2' })
    const refused = await signingSecret('id', secrets, () => 'new').catch((error: unknown) => error as Error)
    expect(refused).toMatchObject({ code: 'bad-secret' })
    expect(JSON.stringify([refused, (refused as Error).message])).not.toContain('hunter2')
    expect(secrets.values.get('id')).toBe('hunter2')
  })
})
