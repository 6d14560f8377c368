import { names } from '../../src/lake/resource-names.ts'
import type { Lake } from '../../src/lake/lake.ts'
import type { CountedRejection, Cursor, Ledger, Refusal, Run } from '../../src/core/ledger.ts'
import { endpointSubject } from '../../src/lake/subjects.ts'
import type { Milliseconds } from '../../src/core/time.ts'
import { cursorKeys, queueNames } from '../../src/reactions/index.ts'
import { versionOf } from '../subjects.ts'
import { endpointStatus, type EndpointStatus } from './endpoints.ts'
import { isPaused, type Mappings } from '../mappings.ts'
import type { Queues } from '../queues.ts'

/** What `landfall status --json` prints. Times are ISO 8601. */
export interface Status {
  readonly lake: string
  readonly stage: string
  readonly subjects: readonly SubjectStatus[]
  /** Details of each endpoint. */
  readonly endpoints: readonly EndpointStatus[]
  readonly queues: readonly QueueStatus[]
  readonly rejections: readonly CountedRejection[]
}

interface SubjectStatus {
  readonly subject: string
  readonly reaction: string
  /** A table's last version done, or the model version that an endpoint serves; null before the first. */
  readonly version: number | string | null
  readonly committed: string | null
  readonly done: string | null
  readonly lag: Milliseconds | null
  /**
   * `running`: a long action is in progress outside. `failed`: the promoted version failed to deploy, and another one
   * serves. `held`: an operator rolled the endpoint back.
   */
  readonly state: 'current' | 'new' | 'running' | 'refused' | 'failed' | 'held'
  readonly run?: RunProgress
  readonly refusal?: Refusal
}

/** One attempt at a long action. */
export interface RunProgress {
  /** The outside system's id; null before the run is started. */
  readonly id: string | null
  /** The versions that it processes. */
  readonly from: number
  readonly to: number
  /** Above 1 after failures. */
  readonly attempt: number
  /** Of a run of several steps, which one is in progress: from 1. */
  readonly step?: number
  readonly steps?: number
  /** When a run that is not started is tried next; null for a started one. */
  readonly next: string | null
}

interface QueueStatus {
  readonly queue: string
  readonly waiting: number
  /** In flight. */
  readonly atWork: number
  /** Dead-lettered. */
  readonly dead: number
  /** The function gets no messages until `landfall resume`. */
  readonly paused: boolean
}

/** What status reads of a deployed lake. */
interface StatusPorts {
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
    const hasVersion = version >= 0
    return {
      subject,
      reaction,
      version: versionOf(cursor),
      committed: hasVersion ? new Date(committed).toISOString() : null,
      done: hasVersion ? new Date(done).toISOString() : null,
      lag: hasVersion ? done - committed : null,
      state: stateOf(
        cursor,
        endpoints.find(({ endpoint }) => subject === endpointSubject(endpoint)),
      ),
      run: run && runProgress(version, run),
      refusal,
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

function runProgress(after: number, { externalId, version, attempt, until, step = 0, steps }: Run): RunProgress {
  const next = externalId === undefined ? new Date(until).toISOString() : null
  return {
    id: externalId ?? null,
    from: after + 1,
    to: version,
    attempt,
    ...(steps !== undefined && { step: step + 1, steps }),
    next,
  }
}

async function queueStatus(lake: Lake, name: string, { queues, mappings }: StatusPorts): Promise<QueueStatus[]> {
  const { queue, fn } = names(lake)
  const [live, dead, found] = await Promise.all([
    queues.depth(queue(name)),
    queues.depth(`${queue(name)}-dlq`),
    mappings.of(fn(name)),
  ])
  if (live === undefined) return []
  const { waiting, inFlight: atWork } = live
  return [{ queue: name, waiting, atWork, dead: dead?.waiting ?? 0, paused: isPaused(found) }]
}

/** Whether something needs an operator. */
export function isBad({ subjects, queues }: Status): boolean {
  return subjects.some(({ state }) => state === 'refused' || state === 'failed') || queues.some(({ dead }) => dead > 0)
}
