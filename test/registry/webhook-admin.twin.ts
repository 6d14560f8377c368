import type { Hook, TestDelivery, WebhookAdmin } from '../../src/registry/ports.ts'

/** A registry's webhooks in memory. Names are not unique; a delivery succeeds if its secret is one of `receiver`'s. */
export function webhooksTwin(events: readonly string[] = ['ALIAS', 'TAG']) {
  const hooks = new Map<string, Hook & { readonly secret: string }>()
  const calls: string[] = []
  /** The secrets that the receiver accepts, by address. */
  const receiver = new Map<string, readonly string[]>()
  /** Each call of `list` first throws the next of these, if there is one. */
  const failures: (Error | undefined)[] = []
  let ids = 0
  const put = (name: string, url: string, secret: string, more: Partial<Hook> = {}): string => {
    const id = `h${++ids}`
    hooks.set(id, { id, name, url, events, isActive: true, secret, ...more })
    return id
  }
  const of = (id: string) => {
    const found = hooks.get(id)
    if (found === undefined) throw new Error(`there is no webhook ${id}`)
    return found
  }
  const shown = ({ secret: _kept, ...hook }: Hook & { secret: string }): Hook => hook
  const admin: WebhookAdmin = {
    events,
    async list() {
      calls.push('list')
      const failure = failures.shift()
      if (failure !== undefined) throw failure
      return [...hooks.values()].map(shown)
    },
    async create(name, url, secret) {
      calls.push('create')
      return shown(of(put(name, url, secret)))
    },
    async repair({ id }, secret) {
      calls.push(`repair ${id}${secret === undefined ? '' : ' with a secret'}`)
      hooks.set(id, { ...of(id), events, isActive: true, ...(secret === undefined ? {} : { secret }) })
      return shown(of(id))
    },
    async remove(id) {
      calls.push(`remove ${id}`)
      hooks.delete(id)
    },
    async test(id): Promise<TestDelivery> {
      calls.push(`test ${id}`)
      const { url, secret } = of(id)
      const taken = receiver.get(url)
      if (taken === undefined) return { delivered: false, reason: 'connection refused' }
      return taken.includes(secret) ? { delivered: true, status: 204 } : { delivered: false, status: 401 }
    },
  }
  return { admin, hooks, calls, receiver, failures, put }
}
