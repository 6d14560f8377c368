import type { Fact } from './facts.ts'

/** Where facts are published. The EventBridge adapter is in `src/aws/bus.ts`, the twin in `test/twins/`. */
export interface Bus {
  /**
   * Publishes all of them, and answers for each, in order: `undefined`, or why this one was not taken. Throws when none
   * could be.
   */
  publish(facts: readonly Fact[]): Promise<readonly (Error | undefined)[]>
}

/** Publishes one fact, or throws. */
export async function publishOne(bus: Bus, fact: Fact): Promise<void> {
  const [failure] = await bus.publish([fact])
  if (failure !== undefined) throw failure
}
