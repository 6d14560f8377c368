import { Refused } from '../core/refused.ts'
import type { Lake } from '../lake/lake.ts'
import type { Wake } from '../core/reaction.ts'
import { cursorKeys, subjectsIn } from './index.ts'

/** How many subjects were woken, by reaction. */
export type Swept = Readonly<Record<string, number>>

type Subjects = Pick<Lake, 'name' | 'tables' | 'models'>

/**
 * The subject to sweep: an operator's event names one. A schedule's event has no such key and sweeps all of them.
 *
 * @throws {Refused} if the event is invalid, or if the lake has no such subject.
 */
export function subjectIn(event: unknown, lake: Subjects): string | undefined {
  const subject = (event as { subject?: unknown } | null)?.subject
  if (subject === undefined) return undefined
  if (typeof subject !== 'string')
    throw new Refused(
      'not-a-sweep',
      `the subject of a sweep must be a text such as "table/NAME", not ${JSON.stringify(subject)}`,
    )
  if (!subjectsIn(lake).includes(subject))
    throw new Refused('unknown-subject', `the lake ${lake.name} has no subject '${subject}'`, {
      advice: 'Subjects are table/NAME and endpoint/NAME, with a name from lake.yml.',
    })
  return subject
}

/**
 * Sends a full wake-up for every subject of every reaction, or for the one that the event names.
 *
 * @throws {Refused} as {@link subjectIn} does, and if a reaction has no queue.
 */
export async function sweep(
  event: unknown,
  lake: Subjects,
  queues: Readonly<Record<string, string>>,
  send: (queue: string, wakes: readonly Wake[]) => Promise<void>,
): Promise<Swept> {
  const swept: Record<string, number> = {}
  for (const [reaction, keys] of Map.groupBy(cursorKeys(lake, subjectIn(event, lake)), (key) => key.reaction)) {
    const queue = queues[reaction]
    if (queue === undefined)
      throw new Refused('no-queue', `the reaction '${reaction}' has no queue in QUEUES`, {
        advice: 'Deploy the lake again.',
      })
    await send(
      queue,
      keys.map(({ subject }) => ({ subject, full: true })),
    )
    swept[reaction] = keys.length
  }
  return swept
}
