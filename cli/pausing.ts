import { Refused } from '../src/core/refused.ts'
import type { Mapping, Mappings } from './mappings.ts'

export interface Switched {
  readonly reaction: string
  readonly state: 'paused' | 'running'
  /** False: it stood so before. */
  readonly changed: boolean
}

/** What time is made of, so that tests need none. */
export interface Waiting {
  /** ms since the epoch. */
  now(): number
  sleep(ms: number): Promise<void>
  /** Told of each look. */
  progress(text: string): void
}

/** AWS takes up to a minute; after so long something else is the matter, in ms. */
const PATIENCE = 180_000
const LOOK_EVERY = 1_000

/** A queue whose messages nobody takes: every mapping of its function is off, or about to be. */
export function isPaused(mappings: readonly Mapping[]): boolean {
  return mappings.length > 0 && mappings.every(({ state }) => state === 'Disabled' || state === 'Disabling')
}

/**
 * Switches the event source mappings of a reaction's function and waits until they are as they should be. Safe to repeat,
 * and to break off: AWS goes on with what it was asked for.
 * @throws {Refused} `not-deployed` where the function has none
 * @throws Error when AWS has not done it within three minutes
 */
export async function setPaused(
  { reaction, fn }: { readonly reaction: string; readonly fn: string },
  paused: boolean,
  mappings: Mappings,
  waiting: Waiting,
): Promise<Switched> {
  const found = await mappings.of(fn)
  if (found.length === 0)
    throw new Refused('not-deployed', `there is no function ${fn} that takes messages from a queue`, {
      advice: 'Deploy the lake there, or name the stage that you mean with --stage.',
    })
  const wanted = paused ? 'Disabled' : 'Enabled'
  const end = waiting.now() + PATIENCE
  let changed = false
  for (const { id } of found) {
    // One that is on its way takes no other change before it has arrived (ResourceInUseException).
    let mapping = await settled(id)
    if (mapping.state === wanted) continue
    changed = true
    mapping = await mappings.enable(id, !paused)
    if (mapping.state !== wanted) mapping = await settled(id)
    if (mapping.state !== wanted)
      throw new Error(
        `the event source mapping ${id} of ${fn} is ${mapping.state}, although it was asked for ${wanted}`,
      )
  }
  return { reaction, state: paused ? 'paused' : 'running', changed }

  async function settled(id: string): Promise<Mapping> {
    for (;;) {
      const mapping = await mappings.look(id)
      if (!mapping.state.endsWith('ing')) return mapping
      if (waiting.now() >= end)
        throw new Error(
          `the event source mapping ${id} of ${fn} still is ${mapping.state} after ${PATIENCE / 60_000} minutes; ask again, which does no harm`,
        )
      waiting.progress(`${reaction}: ${mapping.state.toLowerCase()} …`)
      await waiting.sleep(LOOK_EVERY)
    }
  }
}
