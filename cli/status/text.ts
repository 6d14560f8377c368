import type { EpochMs } from '../../src/core/time.ts'
import { isEndpoint } from '../../src/lake/subjects.ts'
import { age, columns, counted, versions } from '../text.ts'
import { endpointNotes } from './endpoints.ts'
import type { RunProgress, Status } from './status.ts'

/** The tables first, then what needs attention, with advice. */
export function statusText(status: Status, now: EpochMs, width: number): string[] {
  return [
    `lake ${status.lake}, stage ${status.stage}`,
    '',
    ...columns([['SUBJECT', 'REACTION', 'VERSION', 'COMMITTED', 'LAG', 'STATE'], ...subjectRows(status, now)], width),
    ...endpointTable(status, now, width),
    '',
    ...columns([['QUEUE', 'WAITING', 'IN FLIGHT', 'DEAD-LETTERED', 'STATE'], ...queueRows(status)], width),
    ...status.endpoints.flatMap((endpoint) => endpointNotes(endpoint, status.stage, now)),
    ...runNotes(status, now),
    ...refusalNotes(status, now),
    ...rejectionNotes(status, now),
    ...queueNotes(status),
  ]
}

const ago = (iso: string | null, now: EpochMs) => (iso === null ? '' : `${age(now - Date.parse(iso))} ago`)

function subjectRows({ subjects }: Status, now: EpochMs): string[][] {
  return subjects.map(({ subject, reaction, version, committed, lag, state }) => [
    subject,
    reaction,
    version === null ? '-' : String(version),
    ago(committed, now),
    lag === null ? '' : age(lag),
    state,
  ])
}

function endpointTable({ endpoints }: Status, now: EpochMs, width: number): string[] {
  if (endpoints.length === 0) return []
  const rows = endpoints.map(({ endpoint, model, serves, underway, kept }) => [
    endpoint,
    model,
    serves === null ? '-' : `version ${serves.version}`,
    ago(serves?.since ?? null, now),
    underway === null ? '' : `version ${underway.version}`,
    kept.join(', '),
  ])
  return ['', ...columns([['ENDPOINT', 'MODEL', 'SERVES', 'SINCE', 'IN PROGRESS', 'KEPT'], ...rows], width)]
}

function queueRows({ queues }: Status): string[][] {
  return queues.map(({ queue, waiting, atWork, dead, paused }) => [
    queue,
    String(waiting),
    String(atWork),
    String(dead),
    paused ? 'paused' : 'running',
  ])
}

/** Runs on endpoints are among the notes of their endpoints. */
function runNotes({ subjects }: Status, now: EpochMs): string[] {
  return subjects.flatMap(({ subject, reaction, run }) =>
    run === undefined || isEndpoint(subject) ? [] : ['', `${subject}: ${reaction} ${runText(run, now)}`],
  )
}

function runText({ id, from, to, attempt, step, steps, next }: RunProgress, now: EpochMs): string {
  const range = `(${versions(from, to)}${steps === undefined ? '' : `, step ${step} of ${steps}`})`
  const failures = attempt > 1 ? `, after ${counted(attempt - 1, 'failure')}` : ''
  if (next === null) return `run ${id} in progress ${range}${failures}`
  const wait = Date.parse(next) - now
  return wait > 0 ? `run due in ${age(wait)} ${range}${failures}` : `run is starting ${range}${failures}`
}

function refusalNotes({ subjects }: Status, now: EpochMs): string[] {
  return subjects.flatMap(({ subject, reaction, refusal }) =>
    refusal === undefined
      ? []
      : [
          '',
          `${subject}: ${reaction} refused ${age(now - refusal.since)} ago (${refusal.code})`,
          `  ${refusal.reason}`,
          ...(refusal.advice === undefined ? [] : [`  ${refusal.advice}`]),
        ],
  )
}

function rejectionNotes({ rejections }: Status, now: EpochMs): string[] {
  if (rejections.length === 0) return []
  const lines = rejections.flatMap(({ source, about, code, count, last, reason, sample }) => [
    `  ${source}: ${about.startsWith('table/') ? `${about}: ` : ''}${reason} (${code}, ${count}×, last ${age(now - last)} ago)`,
    ...(sample === undefined || sample === '' ? [] : [`    e.g. ${sample}`]),
  ])
  return ['', 'Rejected in the last 14 days:', ...lines]
}

function queueNotes({ queues, stage }: Status): string[] {
  return [
    ...queues
      .filter(({ paused }) => paused)
      .flatMap(({ queue }) => [
        '',
        `${queue} is paused; its messages wait`,
        `  Resume it: landfall resume ${queue} --stage ${stage}`,
      ]),
    ...queues
      .filter(({ dead }) => dead > 0)
      .flatMap(({ queue, dead }) => [
        '',
        `${queue}: ${counted(dead, 'message')} dead-lettered`,
        `  Show the reasons: landfall redrive ${queue} --dry-run --stage ${stage}`,
      ]),
  ]
}
