/** One commit file: newline-delimited JSON, one action a line (Delta protocol, "Delta Log Entries"). */
import { JsonLimit, parseJson } from '../../core/json.ts'
import { type EpochMs, isTime } from '../../core/time.ts'
import type { Protocol, TableMetadata } from '../change.ts'
import {
  BrokenAction,
  describe,
  type FileAction,
  isObject,
  type Json,
  parseFileAction,
  parseMetadata,
  parseProtocol,
} from './actions.ts'
import { RefusedTable } from './refused.ts'

/**
 * An action that is checked when it is used. A metadata action that a later one replaces may be broken: Databricks' streaming
 * tables have no schema at first.
 */
type Claim<Value> = () => Value

/** The content of a commit, or of a JSON checkpoint, beside its files. */
export interface CommitHead {
  protocol?: Claim<Protocol>
  /** `orEmpty`: for Databricks' streaming tables, which have no schema at first, none is one without columns. */
  metadata?: (orEmpty?: boolean) => TableMetadata
  operation?: string
  /** What the writer counted, by its own names. */
  operationMetrics?: Json
  /** Delta protocol, "In-Commit Timestamps". */
  inCommitTimestamp?: EpochMs
  /** Only of V2 checkpoints: the paths of their sidecars; null for one that is no text. */
  sidecars: (string | null)[]
}

/** Receives file actions. `spelled`: the action as the log has it. */
export type FileSink = (action: FileAction, spelled: Json) => void

const NEWLINE = 0x0a
/** Bytes. The longest lines are the schemas of wide tables: 20,000 columns take some MB. */
export const LONGEST_LINE = 16 * 1024 * 1024
/** Commits that are fetched at a time, and bytes of one that is fetched together with others. */
export const AHEAD = 8
export const LARGEST_AHEAD = 16 * 1024 * 1024
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads a commit. Without `onFile`, lines of file actions are not parsed, so that a commit of 10,000 files costs about as
 * much as one of ten. `key` is for messages.
 *
 * @throws {RefusedTable} for a line that is not JSON or breaks the protocol.
 */
export function readActions(key: string, bytes: Uint8Array, onFile?: FileSink): CommitHead {
  const head: CommitHead = { sidecars: [] }
  let line = 0
  for (let start = 0; start < bytes.length;) {
    const end = lineEnd(bytes, start)
    line += 1
    if (onFile !== undefined || !isFileLine(bytes, start, end))
      readLine(key, line, bytes.subarray(start, end), head, onFile)
    start = end + 1
  }
  return head
}

/** Where the line that begins at `start` ends: at its newline, or at the end of the file. */
export function lineEnd(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(NEWLINE, start)
  return end === -1 ? bytes.length : end
}

const FILE_LINES = ['{"add":{"', '{"remove":{"', '{"cdc":{"'].map((begin) => new TextEncoder().encode(begin))
const BRACE = 0x7d

function isFileLine(bytes: Uint8Array, start: number, end: number): boolean {
  const last = bytes[end - 1] === 0x0d ? end - 1 : end
  if (bytes[last - 1] !== BRACE || bytes[last - 2] !== BRACE) return false
  return FILE_LINES.some((begin) => begin.every((byte, at) => bytes[start + at] === byte))
}

/** Reads one line into `head` and `onFile`. Blank lines are ignored. */
export function readLine(
  key: string,
  line: number,
  bytes: Uint8Array,
  head: CommitHead,
  onFile: FileSink | undefined,
): void {
  if (bytes.length === 0) return
  let action: unknown
  try {
    if (bytes.length > LONGEST_LINE) throw new JsonLimit(`expected at most ${LONGEST_LINE} bytes in a line`)
    const text = utf8.decode(bytes).trim()
    if (text === '') return
    action = parseJson(text)
  } catch (cause) {
    throw refuseLine(
      'not-json',
      key,
      line,
      'JSON',
      cause instanceof JsonLimit ? cause.message : `found ${describe(new TextDecoder().decode(bytes.subarray(0, 60)))}`,
      cause,
    )
  }
  if (!isObject(action)) throw refuseLine('broken-action', key, line, 'an action', `found ${describe(action)}`)
  takeAction(action, head, onFile, (check) => {
    try {
      return check()
    } catch (cause) {
      if (!(cause instanceof BrokenAction)) throw cause
      throw refuseLine('broken-action', key, line, 'what the Delta protocol requires', cause.message, cause)
    }
  })
}

/** Runs a check of this line; a broken action is refused with the line's number. */
type Checked = <Value>(check: () => Value) => Value

/** An action is an object with one field that is not null; engines that write a fixed schema add null fields. */
function takeAction(action: Json, head: CommitHead, onFile: FileSink | undefined, checked: Checked): void {
  for (const [kind, value] of Object.entries(action)) {
    if (value === null) continue
    if (kind === 'add' || kind === 'remove') checked(() => onFile?.(parseFileAction(kind, value), value as Json))
    else if (kind === 'metaData') head.metadata = (orEmpty) => checked(() => parseMetadata(value, orEmpty))
    else if (kind === 'protocol') head.protocol = () => checked(() => parseProtocol(value))
    else if (kind === 'commitInfo') takeCommitInfo(value, head)
    else if (kind === 'sidecar' && isObject(value)) checked(() => takeSidecar(value, head))
  }
}

/** Spark writes one for 50,000 actions. */
export const MOST_SIDECARS = 100_000

/** Keeps its path alone: the rest may be large, and a commit that has sidecars, against the protocol, is read too. */
function takeSidecar({ path }: Json, head: CommitHead): void {
  if (head.sidecars.push(typeof path === 'string' ? path : null) > MOST_SIDECARS)
    throw new BrokenAction(`sidecar: expected at most ${MOST_SIDECARS}, found more`)
}

/** The protocol leaves `commitInfo` free-form, so nothing in it is refused. */
function takeCommitInfo(value: unknown, head: CommitHead): void {
  if (!isObject(value)) return
  const { operation, operationMetrics, inCommitTimestamp } = value
  if (typeof operation === 'string') head.operation = operation
  if (isObject(operationMetrics)) head.operationMetrics = operationMetrics
  if (isTime(inCommitTimestamp)) head.inCommitTimestamp = inCommitTimestamp
}

function refuseLine(
  code: string,
  key: string,
  line: number,
  expected: string,
  found: string,
  cause?: unknown,
): RefusedTable {
  return new RefusedTable(
    code,
    `${key}, line ${line}: expected ${expected}; ${found}.`,
    {
      unsupported: [key],
      expected,
      found,
      advice: 'The log is damaged: restore this file from a version of the bucket, or restore the table.',
    },
    { cause },
  )
}
