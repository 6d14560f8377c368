import { names } from '../src/lake/deployed.ts'
import type { Lake } from '../src/lake/lake.ts'
import type { CountedRejection, Ledger, Refusal } from '../src/ledger/ledger.ts'
import { subjectsOf } from '../src/reactions/sweep.ts'
import { age, columns } from './columns.ts'

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
  readonly state: 'current' | 'new' | 'refused'
  readonly refusal?: Refusal
}

export interface QueueStatus {
  readonly queue: string
  /** Messages that wait, are at work, or were given up. */
  readonly waiting: number
  readonly atWork: number
  readonly dead: number
}

/** How many messages an SQS queue holds; `undefined` where there is no such queue. */
export type Depth = (queue: string) => Promise<{ waiting: number; atWork: number } | undefined>

export async function readStatus(lake: Lake, ledger: Ledger, depth: Depth): Promise<Status> {
  const keys = Object.entries(subjectsOf).flatMap(([reaction, concerns]) =>
    Object.values(lake.tables)
      .filter(concerns)
      .map((table) => ({ subject: `table/${table.name}`, reaction })),
  )
  const [cursors, rejections, queues] = await Promise.all([
    ledger.cursors(keys),
    ledger.rejections(),
    Promise.all(['landing', ...Object.keys(subjectsOf)].map((name) => queueStatus(lake, name, depth))),
  ])
  const subjects = cursors.map(({ subject, reaction, version, committed, done, refusal }): SubjectStatus => {
    const touched = version >= 0
    return {
      subject,
      reaction,
      version: touched ? version : null,
      committed: touched ? new Date(committed).toISOString() : null,
      done: touched ? new Date(done).toISOString() : null,
      lag: touched ? done - committed : null,
      state: refusal !== undefined ? 'refused' : touched ? 'current' : 'new',
      ...(refusal === undefined ? {} : { refusal }),
    }
  })
  return { lake: lake.name, stage: lake.stage, subjects, queues: queues.flat(), rejections }
}

async function queueStatus(lake: Lake, name: string, depth: Depth): Promise<QueueStatus[]> {
  const queue = names(lake).queue(name)
  const [live, dead] = await Promise.all([depth(queue), depth(`${queue}-dlq`)])
  return live === undefined ? [] : [{ queue: name, ...live, dead: dead?.waiting ?? 0 }]
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
        ['QUEUE', 'WAITING', 'AT WORK', 'GIVEN UP'],
        ...queues.map((q) => [q.queue, String(q.waiting), String(q.atWork), String(q.dead)]),
      ],
      width,
    ),
  ]
  for (const { subject, reaction, refusal } of subjects)
    if (refusal !== undefined)
      lines.push(
        '',
        `${subject}: ${reaction} refused since ${ago(new Date(refusal.since).toISOString())} (${refusal.code})`,
        `  ${refusal.reason}`,
        ...(refusal.advice === undefined ? [] : [`  ${refusal.advice}`]),
      )
  if (rejections.length > 0) lines.push('', 'Turned away in the last 14 days:')
  for (const { source, code, count, last, reason, sample } of rejections)
    lines.push(
      `  ${source}: ${reason} (${code}, ${count}×, last ${age(now - last)} ago)`,
      ...(sample === undefined || sample === '' ? [] : [`    e.g. ${sample}`]),
    )
  const dead = queues.filter((queue) => queue.dead > 0)
  for (const { queue, dead: count } of dead)
    lines.push(
      '',
      `${count} messages were given up by ${queue}: mend the cause above; the next sweep makes their work good.`,
    )
  return lines
}
