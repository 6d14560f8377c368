import { endpointNotes } from './endpoints.ts'
import type { RunStatus, Status } from './status.ts'
import { age, columns, counted } from '../text.ts'

/** For people: what is where, then what needs them and what to do about it. `now` in ms since the epoch. */
export function statusText(status: Status, now: number, width: number): string[] {
  return [
    `lake ${status.lake}, stage ${status.stage}`,
    '',
    ...columns([['SUBJECT', 'REACTION', 'VERSION', 'COMMITTED', 'LAG', 'STATE'], ...subjectRows(status, now)], width),
    ...endpointTable(status, now, width),
    '',
    ...columns([['QUEUE', 'WAITING', 'AT WORK', 'GIVEN UP', 'STATE'], ...queueRows(status)], width),
    ...status.endpoints.flatMap((endpoint) => endpointNotes(endpoint, status.stage, now)),
    ...runNotes(status, now),
    ...refusalNotes(status, now),
    ...rejectionNotes(status, now),
    ...queueNotes(status),
  ]
}

const ago = (iso: string | null, now: number) => (iso === null ? '' : `${age(now - Date.parse(iso))} ago`)

function subjectRows({ subjects }: Status, now: number): string[][] {
  return subjects.map(({ subject, reaction, version, committed, lag, state }) => [
    subject,
    reaction,
    version === null ? '-' : String(version),
    ago(committed, now),
    lag === null ? '' : age(lag),
    state,
  ])
}

function endpointTable({ endpoints }: Status, now: number, width: number): string[] {
  if (endpoints.length === 0) return []
  const rows = endpoints.map(({ endpoint, model, serves, underway, kept }) => [
    endpoint,
    model,
    serves === null ? '-' : `version ${serves.version}`,
    ago(serves?.since ?? null, now),
    underway === null ? '' : `version ${underway.version}`,
    kept.join(', '),
  ])
  return ['', ...columns([['ENDPOINT', 'MODEL', 'SERVES', 'SINCE', 'UNDER WAY', 'KEPT'], ...rows], width)]
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

/** What is under way with an endpoint is among its own notes. */
function runNotes({ subjects }: Status, now: number): string[] {
  return subjects.flatMap(({ subject, reaction, run }) =>
    run === undefined || reaction === 'deployment' ? [] : ['', `${subject}: ${reaction} ${runText(run, now)}`],
  )
}

function runText({ id, from, to, attempt, next }: RunStatus, now: number): string {
  const of = from === to ? `of the version ${to}` : `of the versions ${from} to ${to}`
  const failed = attempt > 1 ? `, after ${counted(attempt - 1, 'failure')}` : ''
  if (next === null) return `is at its run ${id} ${of}${failed}`
  const wait = Date.parse(next) - now
  return `starts a run ${of}${failed}${wait > 0 ? `, in ${age(wait)}` : ''}`
}

function refusalNotes({ subjects }: Status, now: number): string[] {
  return subjects.flatMap(({ subject, reaction, refusal }) =>
    refusal === undefined
      ? []
      : [
          '',
          `${subject}: ${reaction} refused for ${age(now - refusal.since)} (${refusal.code})`,
          `  ${refusal.reason}`,
          ...(refusal.advice === undefined ? [] : [`  ${refusal.advice}`]),
        ],
  )
}

function rejectionNotes({ rejections }: Status, now: number): string[] {
  if (rejections.length === 0) return []
  const lines = rejections.flatMap(({ source, about, code, count, last, reason, sample }) => [
    `  ${source}: ${about.startsWith('table/') ? `${about}: ` : ''}${reason} (${code}, ${count}×, last ${age(now - last)} ago)`,
    ...(sample === undefined || sample === '' ? [] : [`    e.g. ${sample}`]),
  ])
  return ['', 'Turned away in the last 14 days:', ...lines]
}

function queueNotes({ queues, stage }: Status): string[] {
  return [
    ...queues
      .filter(({ paused }) => paused)
      .flatMap(({ queue }) => ['', `${queue} is paused, what lands waits: landfall resume ${queue} --stage ${stage}`]),
    ...queues
      .filter(({ dead }) => dead > 0)
      .flatMap(({ queue, dead }) => [
        '',
        `${counted(dead, 'message')} given up by ${queue}. Why: landfall redrive ${queue} --dry-run --stage ${stage}`,
      ]),
  ]
}
