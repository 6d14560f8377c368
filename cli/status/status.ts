import { cursorKeys, queueNames } from '../../src/reactions/index.ts'
import { names } from '../../src/lake/resource-names.ts'
import type { Lake } from '../../src/lake/lake.ts'
import type { CountedRejection, Cursor, Ledger, Refusal, Run } from '../../src/core/ledger.ts'
import { endpointSubject } from '../../src/lake/subjects.ts'
import { endpointStatus, type EndpointStatus, versionOf } from './endpoints.ts'
import type { Mappings } from '../mappings.ts'
import { isPaused } from '../pausing.ts'
import type { Queues } from '../queues.ts'

/** What `landfall status --json` prints. Times are ISO 8601; `lag` is in ms. */
export interface Status {
  readonly lake: string
  readonly stage: string
  readonly subjects: readonly SubjectStatus[]
  /** What is known of each endpoint beyond that. */
  readonly endpoints: readonly EndpointStatus[]
  readonly queues: readonly QueueStatus[]
  readonly rejections: readonly CountedRejection[]
}

export interface SubjectStatus {
  readonly subject: string
  readonly reaction: string
  /** The last version done of a table, or of a model the one that its endpoint serves; null before the first. */
  readonly version: number | string | null
  readonly committed: string | null
  readonly done: string | null
  readonly lag: number | null
  /**
   * `running`: an action of it is under way outside. `failed`: what the registry says did not work, and another version serves.
   * `held`: an operator went back from it.
   */
  readonly state: 'current' | 'new' | 'running' | 'refused' | 'failed' | 'held'
  readonly run?: RunStatus
  readonly refusal?: Refusal
}

/** One attempt at a long action. */
export interface RunStatus {
  /** The outside system's id of it; null before it is started. */
  readonly id: string | null
  /** The versions that it takes. */
  readonly from: number
  readonly to: number
  /** Above 1 after failures. */
  readonly attempt: number
  /** Of one that is not started: not before this does anybody try. Null of others. */
  readonly next: string | null
}

export interface QueueStatus {
  readonly queue: string
  /** Messages that wait, are at work, or were given up. */
  readonly waiting: number
  readonly atWork: number
  readonly dead: number
  /** Its function gets no messages until `landfall resume`. */
  readonly paused: boolean
}

/** What status asks of a deployed lake. */
export interface StatusPorts {
  readonly ledger: Ledger
  readonly queues: Pick<Queues, 'depth'>
  readonly mappings: Pick<Mappings, 'of'>
}

export async function readStatus(lake: Lake, ports: StatusPorts): Promise<Status> {
  const { ledger } = ports
  const [cursors, rejections, queues] = await Promise.all([
    ledger.cursors(cursorKeys(lake)),
    ledger.rejections(),
    Promise.all(queueNames(lake).map((name) => queueStatus(lake, name, ports))),
  ])
  const endpoints = endpointsIn(lake, cursors)
  const subjects = cursors.map((cursor): SubjectStatus => {
    const { subject, reaction, version, committed, done, run, refusal } = cursor
    const touched = version >= 0
    return {
      subject,
      reaction,
      version: versionOf(cursor),
      committed: touched ? new Date(committed).toISOString() : null,
      done: touched ? new Date(done).toISOString() : null,
      lag: touched ? done - committed : null,
      state: stateOf(
        cursor,
        endpoints.find(({ endpoint }) => subject === endpointSubject(endpoint)),
      ),
      ...(run === undefined ? {} : { run: runStatus(version, run) }),
      ...(refusal === undefined ? {} : { refusal }),
    }
  })
  return { lake: lake.name, stage: lake.stage, subjects, endpoints, queues: queues.flat(), rejections }
}

function endpointsIn({ models }: Lake, cursors: readonly Cursor[]): EndpointStatus[] {
  return Object.values(models).flatMap((model) => {
    const cursor = cursors.find(({ subject }) => subject === endpointSubject(model.endpoint.name))
    return cursor === undefined ? [] : [endpointStatus(model, cursor)]
  })
}

function stateOf({ version, run, refusal }: Cursor, endpoint: EndpointStatus | undefined): SubjectStatus['state'] {
  if (refusal !== undefined) return 'refused'
  if (run !== undefined) return 'running'
  const { held = null, failed = null } = endpoint ?? {}
  if (held !== null && (failed === null || failed.at < held.since)) return 'held'
  if (failed !== null) return 'failed'
  return version >= 0 ? 'current' : 'new'
}

function runStatus(after: number, { externalId, version, attempt, until }: Run): RunStatus {
  const next = externalId === undefined ? new Date(until).toISOString() : null
  return { id: externalId ?? null, from: after + 1, to: version, attempt, next }
}

async function queueStatus(lake: Lake, name: string, { queues, mappings }: StatusPorts): Promise<QueueStatus[]> {
  const { queue, fn } = names(lake)
  const [live, dead, found] = await Promise.all([
    queues.depth(queue(name)),
    queues.depth(`${queue(name)}-dlq`),
    mappings.of(fn(name)),
  ])
  if (live === undefined) return []
  return [{ queue: name, ...live, dead: dead?.waiting ?? 0, paused: isPaused(found) }]
}

/** Something waits for an operator. */
export function isBad({ subjects, queues }: Status): boolean {
  return subjects.some(({ state }) => state === 'refused' || state === 'failed') || queues.some(({ dead }) => dead > 0)
}
