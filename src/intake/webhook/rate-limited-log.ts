import type { EpochMs, Milliseconds } from '../../core/time.ts'

type Note = (path: string, code: string, reason: string) => void

const LINES_PER_MINUTE = 5
const MINUTE: Milliseconds = 60_000

/**
 * Logs at most five lines of a code per minute, since anyone can send forgeries and each line costs money. The next line that
 * is logged says how many were dropped. Each container of the function counts for itself.
 */
export function rateLimitedLog(note: Note, now: () => EpochMs): Note {
  const kinds = new Map<string, { since: EpochMs; logged: number; dropped: number }>()
  return (path, code, reason) => {
    const kind = kinds.get(code) ?? { since: now(), logged: 0, dropped: 0 }
    kinds.set(code, kind)
    if (now() - kind.since >= MINUTE) Object.assign(kind, { since: now(), logged: 0 })
    if (kind.logged >= LINES_PER_MINUTE) {
      kind.dropped += 1
      return
    }
    note(path, code, kind.dropped === 0 ? reason : `${reason}; ${kind.dropped} more of this kind were not logged`)
    kind.logged += 1
    kind.dropped = 0
  }
}
