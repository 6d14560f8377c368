import type { EpochMs } from '../../core/time.ts'
import { decide, type Plan } from './decide.ts'
import { newestStates, type ObjectState } from './event.ts'
import { APPEND_LIMIT, type LandingStore } from './landing-log.ts'
import type { Content, TableObjects } from './objects.ts'

export interface LandingPorts {
  readonly store: LandingStore
  readonly objects: Pick<TableObjects, 'find'>
  now(): EpochMs
}

interface Appended {
  /**
   * The newest version that has these states, by whichever worker; -1 when none was needed. Also set for states that the log
   * had already, so that a retry after a crash still publishes them.
   */
  readonly version: number
  readonly added: number
  readonly removed: number
  /** Why a state could not be appended, by key. All others were. */
  readonly failures: ReadonlyMap<string, unknown>
}

/** Attempts after lost races: with a handful of writers, one of them wins each time. */
const ATTEMPTS = 20

/** Every attempt lost the race. The queue retries later. */
export class LogConflictError extends Error {
  override readonly name = 'LogConflictError'
}

/**
 * Appends the states of any number of objects to the log of `table`, at most {@link APPEND_LIMIT} objects a version. Safe to
 * repeat, and safe with any number of writers: an object's state in the log decides, and is overwritten only if it is still
 * the one that was read.
 */
export async function appendStates(ports: LandingPorts, table: string, all: readonly ObjectState[]): Promise<Appended> {
  const states = [...newestStates(all).values()]
  const failures = new Map<string, unknown>()
  const total = { version: -1, added: 0, removed: 0 }
  for (let i = 0; i < states.length; i += APPEND_LIMIT) {
    const chunk = states.slice(i, i + APPEND_LIMIT)
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
  states: readonly ObjectState[],
  failures: Map<string, unknown>,
): Promise<Plan> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const plan = await planFor(ports, table, states, failures)
    const { objects, added, removed, removedBytes } = plan
    if (objects.length === 0) return plan
    const timestamp = ports.now()
    const changes = added.length + removed.length > 0
    const version = changes ? { version: plan.version, timestamp, added, removed, removedBytes } : undefined
    if ((await ports.store.append(table, version, objects)) === 'appended') return plan
  }
  throw new LogConflictError(
    `another writer appended to the landing log of ${table} first, ${ATTEMPTS} times in a row; a retry may succeed`,
  )
}

async function planFor(
  ports: LandingPorts,
  table: string,
  states: readonly ObjectState[],
  failures: Map<string, unknown>,
): Promise<Plan> {
  const keys = states.map(({ key }) => key)
  const [newest, known] = await Promise.all([ports.store.newest(table), ports.store.objects(table, keys)])
  const given = { states, known, next: newest + 1, at: ports.now() }
  const plan = decide({ ...given, lookedUp: new Map() })
  if (plan.lookups.length === 0) return plan
  // After `known` was read, and again at each attempt: an older answer could undo what another writer has recorded since.
  const lookedUp = new Map<string, Content | undefined>()
  await Promise.all(
    plan.lookups.map(async (key) => {
      try {
        lookedUp.set(key, await lookUp(ports, key))
        failures.delete(key)
      } catch (error) {
        failures.set(key, error)
      }
    }),
  )
  return decide({ ...given, lookedUp })
}

async function lookUp({ objects }: LandingPorts, key: string): Promise<Content | undefined> {
  const found = await objects.find(key)
  return found === undefined || found.size === 0 ? undefined : found
}
