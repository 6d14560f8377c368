import { decide, type Plan } from './decide.ts'
import { newestStates, type ObjectState } from './event.ts'
import { APPEND_LIMIT, type LandingStore } from './landing-log.ts'
import type { Content, TableObjects } from './objects.ts'

export interface LandingPorts {
  readonly store: LandingStore
  readonly objects: Pick<TableObjects, 'find'>
  /** ms since the epoch. */
  now(): number
}

/** What became of some news. */
export interface Appended {
  /**
   * The newest version of the log that says what the news say, whoever appended it; -1 when none has to. ObjectState that were
   * taken in before have one too, so that who crashed before telling of it tells now.
   */
  readonly version: number
  readonly added: number
  readonly removed: number
  /** Why news could not be taken in, by key. The others were. */
  readonly failures: ReadonlyMap<string, unknown>
}

/** How often a lost race is run again: with a handful of writers, one of them wins each time. */
const ATTEMPTS = 20

/** Lost races without end. The queue tries again, later. */
export class LogContended extends Error {
  override readonly name = 'LogContended'
}

/**
 * Takes news of any number of objects into the log of `table`: at most {@link APPEND_LIMIT} objects a version. Safe to
 * repeat, and with any number of writers at once: what the log holds of each object decides, and is written only if it
 * still is what was read.
 */
export async function appendStates(ports: LandingPorts, table: string, all: readonly ObjectState[]): Promise<Appended> {
  const news = [...newestStates(all).values()]
  const failures = new Map<string, unknown>()
  const total = { version: -1, added: 0, removed: 0 }
  for (let i = 0; i < news.length; i += APPEND_LIMIT) {
    const chunk = news.slice(i, i + APPEND_LIMIT)
    try {
      const { version, added, removed } = await appendChunk(ports, table, chunk, failures)
      total.version = Math.max(total.version, version)
      total.added += added.length
      total.removed += removed.length
    } catch (error) {
      for (const { key } of chunk) failures.set(key, error)
    }
  }
  return { ...total, failures }
}

async function appendChunk(
  ports: LandingPorts,
  table: string,
  news: readonly ObjectState[],
  failures: Map<string, unknown>,
): Promise<Plan> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const plan = await planFor(ports, table, news, failures)
    const { objects, added, removed } = plan
    if (objects.length === 0) return plan
    const timestamp = ports.now()
    const changes = added.length + removed.length > 0
    const version = changes ? { version: plan.version, timestamp, added, removed } : undefined
    if ((await ports.store.append(table, version, objects)) === 'appended') return plan
  }
  throw new LogContended(
    `the landing log of ${table} took other versions ${ATTEMPTS} times in a row; the next try may win`,
  )
}

async function planFor(
  ports: LandingPorts,
  table: string,
  news: readonly ObjectState[],
  failures: Map<string, unknown>,
): Promise<Plan> {
  const keys = news.map(({ key }) => key)
  const [newest, known] = await Promise.all([ports.store.newest(table), ports.store.objects(table, keys)])
  const given = { news, known, next: newest + 1, at: ports.now() }
  const plan = decide({ ...given, looked: new Map() })
  if (plan.look.length === 0) return plan
  // After `known` was read, and anew at each attempt: an older look could undo what another writer has recorded since.
  const looked = new Map<string, Content | undefined>()
  await Promise.all(
    plan.look.map(async (key) => {
      try {
        looked.set(key, await look(ports, key))
        failures.delete(key)
      } catch (error) {
        failures.set(key, error)
      }
    }),
  )
  return decide({ ...given, looked })
}

async function look({ objects }: LandingPorts, key: string): Promise<Content | undefined> {
  const found = await objects.find(key)
  return found === undefined || found.size === 0 ? undefined : found
}
