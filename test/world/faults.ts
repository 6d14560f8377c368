/** The process died: nothing after this call happens in it. */
export class Died extends Error {
  override readonly name = 'Died'
}

/** What may go wrong with one call. */
export type Fault = 'none' | 'fails-before' | 'fails-after' | 'dies-before' | 'dies-after'

/**
 * One run of a function: its ports fail as `next` says, each call at a moment of its own, and once it has died no call of
 * it has an effect any more.
 */
export function faulty(next: () => Fault, pause: () => number): <P extends object>(port: P) => P {
  let dead = false
  const die = (): never => {
    dead = true
    throw new Died('the process died')
  }
  const call = async (fn: (...args: unknown[]) => unknown, args: unknown[]): Promise<unknown> => {
    for (let i = pause(); i > 0; i--) await Promise.resolve()
    if (dead) return die()
    const fault = next()
    if (fault === 'dies-before') return die()
    if (fault === 'fails-before') throw new Error('the call failed, and had no effect')
    const answer = await fn(...args)
    if (fault === 'dies-after') return die()
    if (fault === 'fails-after') throw new Error('the call took effect, and its answer was lost')
    return answer
  }
  return (port) =>
    new Proxy(port, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        const fn = value.bind(target) as (...args: unknown[]) => unknown
        // A listing is an iterator, not a promise; its first page is what may fail.
        if (['list', 'walk', 'read'].includes(String(name)))
          return (...args: unknown[]) => pages(() => call(() => fn(...args), []))
        return (...args: unknown[]) => call(fn, args)
      },
    })
}

async function* pages(list: () => Promise<unknown>): AsyncGenerator {
  yield* (await list()) as AsyncIterable<unknown>
}
