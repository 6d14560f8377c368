import fc from 'fast-check'

/** The process crashed: none of its later calls has an effect. */
class Died extends Error {
  override readonly name = 'Died'
}

/** What may go wrong with one call, before or after it took effect. */
export type Fault = 'none' | 'fails-before' | 'fails-after' | 'dies-before' | 'dies-after'

/** How an invocation goes: which of its calls fail, and how many turns of the event loop each call takes. */
export interface Weather {
  fault(): Fault
  pause(): number
}

export const calm: Weather = { fault: () => 'none', pause: () => 0 }

export function weatherOf(faults: fc.Stream<Fault> | undefined, pauses: fc.Stream<number>): Weather {
  return { fault: () => faults?.next().value ?? 'none', pause: () => pauses.next().value ?? 0 }
}

/** A fault in `wrong` of `of` calls. */
export function faultOf(wrong: number, of: number): fc.Arbitrary<Fault> {
  return fc.oneof(
    { weight: of - wrong, arbitrary: fc.constant<Fault>('none') },
    { weight: wrong, arbitrary: fc.constantFrom<Fault>('fails-before', 'fails-after', 'dies-before', 'dies-after') },
  )
}

/** Turns of the event loop. Most calls are quick; some outlast whole invocations of other workers, which then overtake. */
export function pauseOf(longest: number): fc.Arbitrary<number> {
  return fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.integer({ min: 10, max: longest }) })
}

/**
 * One invocation: each call to its ports waits `pause()` turns of the event loop and fails as `next()` says. After a crash none
 * of its calls has an effect.
 */
export function faulty(next: () => Fault, pause: () => number): <P extends object>(port: P) => P {
  let dead = false
  const die = (): never => {
    dead = true
    throw new Died('the process crashed')
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
        // A listing is an iterator, not a promise. Its first page may fail.
        if (['list', 'walk', 'read'].includes(String(name)))
          return (...args: unknown[]) => pages(() => call(() => fn(...args), []))
        return (...args: unknown[]) => call(fn, args)
      },
    })
}

async function* pages(list: () => Promise<unknown>): AsyncGenerator {
  yield* (await list()) as AsyncIterable<unknown>
}
