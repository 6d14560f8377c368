import { once } from './once.ts'

/**
 * A port whose adapter is made at its first call, so that a cold start that never calls it does not load it. An error of `make`
 * is that call's, and the next call tries again.
 *
 * @param methods all methods of the port; each answers a promise
 */
export function lazy<Port extends object>(methods: readonly (keyof Port & string)[], make: () => Promise<Port>): Port {
  const made = once(make)
  const entries = methods.map((method) => [
    method,
    async (...args: readonly unknown[]) => {
      const port = await made()
      return (port[method] as (...given: readonly unknown[]) => unknown)(...args)
    },
  ])
  return Object.fromEntries(entries) as Port
}
