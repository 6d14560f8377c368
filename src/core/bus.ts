import type { Fact } from './facts.ts'

/** Where facts are published. The EventBridge adapter is `src/aws/bus.ts`, the twin `test/core/bus.twin.ts`. */
export interface Bus {
  /** Answers for each fact, in order: `undefined`, or why it was not accepted. Throws when none could be published. */
  publish(facts: readonly Fact[]): Promise<readonly (Error | undefined)[]>
}

/** Publishes one fact, or throws. */
export async function publishOne(bus: Bus, fact: Fact): Promise<void> {
  const [failure] = await bus.publish([fact])
  if (failure !== undefined) throw failure
}
