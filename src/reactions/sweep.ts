import { Refused } from '../errors.ts'
import type { Lake, Table } from '../lake/lake.ts'
import type { Wake } from './reaction.ts'

/** How many subjects were woken, by reaction. */
export type Swept = Readonly<Record<string, number>>

/** Which tables a reaction keeps in step: a row for each reaction there is. */
export const subjectsOf: Readonly<Record<string, (table: Table) => boolean>> = {
  catalog: ({ catalog, format }) => catalog !== undefined && format === 'delta',
  'catalog-files': ({ catalog, format }) => catalog !== undefined && format !== 'delta',
  job: (table) => table.job !== undefined,
}

/**
 * The tables that an event of the sweep is about: an operator's names one subject, a schedule's own has no such key.
 *
 * @throws {Refused} for an event that is none, or a subject that the lake does not have.
 */
export function tablesOf(event: unknown, lake: Pick<Lake, 'name' | 'tables'>): Table[] {
  const subject = (event as { subject?: unknown } | null)?.subject
  if (subject !== undefined && typeof subject !== 'string')
    throw new Refused(
      'not-a-sweep',
      `a sweep takes {"subject": "table/NAME"} or nothing, not ${JSON.stringify(subject)}`,
    )
  const tables = Object.values(lake.tables).filter(({ name }) => subject === undefined || subject === `table/${name}`)
  if (subject !== undefined && tables.length === 0)
    throw new Refused('unknown-subject', `the lake ${lake.name} has no subject '${subject}'`, {
      advice: 'Subjects are table/NAME, with a NAME of lake.yml.',
    })
  return tables
}

/**
 * Sends a thorough wake-up for every subject of every reaction, or for the one that the event names.
 *
 * @throws {Refused} as {@link tablesOf} does, and for a reaction without a queue.
 */
export async function sweep(
  event: unknown,
  lake: Pick<Lake, 'name' | 'tables'>,
  queues: Readonly<Record<string, string>>,
  send: (queue: string, wakes: readonly Wake[]) => Promise<void>,
): Promise<Swept> {
  const tables = tablesOf(event, lake)
  const swept: Record<string, number> = {}
  for (const [reaction, concerns] of Object.entries(subjectsOf)) {
    const wakes = tables.filter(concerns).map(({ name }) => ({ subject: `table/${name}`, thorough: true }))
    const queue = queues[reaction]
    if (wakes.length > 0 && queue === undefined)
      throw new Refused('no-queue', `the reaction '${reaction}' has no queue in QUEUES`, {
        advice: 'Deploy the lake again.',
      })
    if (queue === undefined || wakes.length === 0) continue
    await send(queue, wakes)
    swept[reaction] = wakes.length
  }
  return swept
}
