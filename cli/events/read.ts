import { setTimeout as sleep } from 'node:timers/promises'
import type { CommitSummary } from '../../src/reactions/announce/facts.ts'
import type { Position, VersionSource } from '../../src/reactions/announce/versions.ts'

export interface Reading {
  /** The first version; absent: the oldest that the log holds. */
  readonly from?: number
  /** The last version; absent: the newest. */
  readonly to?: number
  /** Until this is aborted, wait for newer versions; absent: end with the newest. */
  readonly follow?: AbortSignal
  /** How often to look for newer ones, in ms. */
  readonly every: number
  /** Told the last version of each round. */
  progress?(version: number): void
}

/** What a table's log says of its versions, one by one. */
export async function* readVersions(source: VersionSource, reading: Reading): AsyncGenerator<CommitSummary> {
  const { from, to = Infinity, follow } = reading
  let position: Position = { after: (from ?? 0) - 1 }
  let isFirst = true
  while (position.after < to) {
    const backlog = await source.read(position)
    for (const { summary, reached } of backlog?.versions ?? []) {
      if (summary.version > to) return
      yield isFirst && from === undefined ? withoutMissed(summary) : summary
      isFirst = false
      position = { after: reached.version, state: reached.state }
    }
    reading.progress?.(position.after)
    if (backlog?.more === true) continue
    if (follow === undefined || !(await waited(reading.every, follow))) return
  }
}

/** Nobody asked for the versions before the oldest. */
function withoutMissed(summary: CommitSummary): CommitSummary {
  const { missed: _missed, ...rest } = summary
  return rest
}

/** False when it was aborted. */
async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
  return !signal.aborted
}
