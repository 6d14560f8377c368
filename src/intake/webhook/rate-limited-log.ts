type Note = (path: string, code: string, reason: string) => void

/** A minute's worth of one kind. */
const PER_MINUTE = 5
const MINUTE = 60_000

/**
 * Notes no more than five of a kind a minute, since anyone may send forgeries, and each line costs its lake's owner; the next
 * that is noted says how many were not. A container of the function at a time, each of which takes one request at a time.
 */
export function rateLimitedLog(note: Note, now: () => number): Note {
  const kinds = new Map<string, { since: number; noted: number; unsaid: number }>()
  return (path, code, reason) => {
    const kind = kinds.get(code) ?? { since: now(), noted: 0, unsaid: 0 }
    kinds.set(code, kind)
    if (now() - kind.since >= MINUTE) Object.assign(kind, { since: now(), noted: 0 })
    if (kind.noted >= PER_MINUTE) {
      kind.unsaid += 1
      return
    }
    note(path, code, kind.unsaid === 0 ? reason : `${reason}; ${kind.unsaid} more of this kind were not noted`)
    kind.noted += 1
    kind.unsaid = 0
  }
}
