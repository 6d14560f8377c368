import { queueTimeouts } from '../infra/queues.ts'
import { names } from '../src/lake/deployed.ts'
import type { Lake } from '../src/lake/lake.ts'
import type { CountedRejection, Ledger, Refusal, Run } from '../src/ledger/ledger.ts'
import { cursorKeys } from '../src/reactions/sweep.ts'
import type { Mappings } from './mappings.ts'
import { isPaused } from './pause.ts'
import type { Queues } from './queues.ts'
import { age, columns, counted } from './text.ts'

/** What `landfall status --json` prints. Times are ISO 8601; `lag` is in ms. */
export interface Status {
  readonly lake: string
  readonly stage: string
  readonly subjects: readonly SubjectStatus[]
  readonly queues: readonly QueueStatus[]
  readonly rejections: readonly CountedRejection[]
}

export interface SubjectStatus {
  readonly subject: string
  readonly reaction: string
  /** The last version done; null before the first. */
  readonly version: number | null
  readonly committed: string | null
  readonly done: string | null
  readonly lag: number | null
  /** `running`: an action of it is under way outside. */
  readonly state: 'current' | 'new' | 'running' | 'refused'
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
    Promise.all(Object.keys(queueTimeouts(lake)).map((name) => queueStatus(lake, name, ports))),
  ])
  const subjects = cursors.map(({ subject, reaction, version, committed, done, run, refusal }): SubjectStatus => {
    const touched = version >= 0
    return {
      subject,
      reaction,
      version: touched ? version : null,
      committed: touched ? new Date(committed).toISOString() : null,
      done: touched ? new Date(done).toISOString() : null,
      lag: touched ? done - committed : null,
      state: refusal !== undefined ? 'refused' : run !== undefined ? 'running' : touched ? 'current' : 'new',
      ...(run === undefined ? {} : { run: runStatus(version, run) }),
      ...(refusal === undefined ? {} : { refusal }),
    }
  })
  return { lake: lake.name, stage: lake.stage, subjects, queues: queues.flat(), rejections }
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
  return subjects.some(({ state }) => state === 'refused') || queues.some(({ dead }) => dead > 0)
}

/** For people: what is where, then what needs them and what to do about it. `now` in ms since the epoch. */
export function statusText(status: Status, now: number, width: number): string[] {
  const { subjects, queues, rejections } = status
  const ago = (iso: string | null) => (iso === null ? '' : `${age(now - Date.parse(iso))} ago`)
  const lines = [
    `lake ${status.lake}, stage ${status.stage}`,
    '',
    ...columns(
      [
        ['SUBJECT', 'REACTION', 'VERSION', 'COMMITTED', 'LAG', 'STATE'],
        ...subjects.map((s) => [
          s.subject,
          s.reaction,
          s.version === null ? '-' : String(s.version),
          ago(s.committed),
          s.lag === null ? '' : age(s.lag),
          s.state,
        ]),
      ],
      width,
    ),
    '',
    ...columns(
      [
        ['QUEUE', 'WAITING', 'AT WORK', 'GIVEN UP', 'STATE'],
        ...queues.map((q) => [
          q.queue,
          String(q.waiting),
          String(q.atWork),
          String(q.dead),
          q.paused ? 'paused' : 'running',
        ]),
      ],
      width,
    ),
  ]
  for (const { subject, reaction, run } of subjects)
    if (run !== undefined) lines.push('', `${subject}: ${reaction} ${runText(run, now)}`)
  for (const { subject, reaction, refusal } of subjects)
    if (refusal !== undefined)
      lines.push(
        '',
        `${subject}: ${reaction} refused since ${ago(new Date(refusal.since).toISOString())} (${refusal.code})`,
        `  ${refusal.reason}`,
        ...(refusal.advice === undefined ? [] : [`  ${refusal.advice}`]),
      )
  if (rejections.length > 0) lines.push('', 'Turned away in the last 14 days:')
  for (const { source, about, code, count, last, reason, sample } of rejections)
    lines.push(
      `  ${source}: ${about.startsWith('table/') ? `${about}: ` : ''}${reason} (${code}, ${count}×, last ${age(now - last)} ago)`,
      ...(sample === undefined || sample === '' ? [] : [`    e.g. ${sample}`]),
    )
  for (const { queue } of queues.filter(({ paused }) => paused))
    lines.push('', `${queue} is paused, what lands waits: landfall resume ${queue} --stage ${status.stage}`)
  for (const { queue, dead } of queues.filter((queue) => queue.dead > 0))
    lines.push(
      '',
      `${counted(dead, 'message')} given up by ${queue}. Why: landfall redrive ${queue} --dry-run --stage ${status.stage}`,
    )
  return lines
}

function runText({ id, from, to, attempt, next }: RunStatus, now: number): string {
  const of = from === to ? `of the version ${to}` : `of the versions ${from} to ${to}`
  const failed = attempt > 1 ? `, after ${counted(attempt - 1, 'failure')}` : ''
  if (next === null) return `is at its run ${id} ${of}${failed}`
  const wait = Date.parse(next) - now
  return `starts a run ${of}${failed}${wait > 0 ? `, in ${age(wait)}` : ''}`
}
