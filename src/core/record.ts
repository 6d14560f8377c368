import { publishOne } from './bus.ts'
import { reasonText, type Refused } from './refused.ts'
import type { Cursor, Refusal } from './ledger.ts'
import type { Pass, ReactResult, Shell } from './shell.ts'
import type { Observation, RefusedPart, Wake } from './reaction.ts'
import type { EpochMs } from './time.ts'

/** A wake-up may arrive a moment early when clocks differ. It must not be mistaken for one that is still on its way. */
const CLOCK_SKEW = 1_500
/** The longest delay of an SQS message (SendMessage, DelaySeconds). A reaction that is woken too early waits again. */
const LONGEST_DELAY = 900_000

/** The cursor when everything up to what was observed is done. */
export function advancedCursor(
  cursor: Cursor,
  { version, committed }: Observation,
  state: string | undefined,
  done: EpochMs,
): Cursor {
  const { refusal: _over, state: _old, run: _ended, wakeAt: _sent, ...rest } = cursor
  return { ...rest, version, committed, done, state }
}

/** True when writing `next` would change nothing but times. */
export function isUnchanged(cursor: Cursor, next: Cursor): boolean {
  return (
    cursor.revision > 0 &&
    cursor.refusal === undefined &&
    cursor.version === next.version &&
    cursor.state === next.state
  )
}

/**
 * Publishes and records a refusal, once for the same code and reason. Published first: a crash in between publishes twice rather
 * than never.
 *
 * @param ended the cursor's run ends with this; otherwise it is kept, since it may still be running outside
 */
export async function refuse(error: Refused, wake: Wake, cursor: Cursor, shell: Shell, ended = false): Promise<Pass> {
  const refusal: Refusal = {
    code: error.code,
    reason: reasonText(error.message),
    advice: error.detail.advice,
    version: wake.version ?? cursor.version,
    since: shell.now(),
  }
  const known = cursor.refusal
  const isKnown = known?.code === refusal.code && known.reason === refusal.reason
  if (known !== undefined && isKnown && !ended) return { kind: 'refused', refusal: known }
  const { since: _when, ...detail } = refusal
  if (!isKnown)
    await publishOne(shell.bus, {
      type: 'Reaction Refused',
      detail: { lake: shell.lake, subject: wake.subject, reaction: cursor.reaction, ...detail },
    })
  const { run, ...rest } = cursor
  const kept = run === undefined || ended ? rest : cursor
  const saved = await shell.ledger.save({ ...kept, refusal: isKnown && known !== undefined ? known : refusal })
  return saved === 'saved' ? { kind: 'refused', refusal } : { kind: 'conflict', acted: false }
}

/** Called before the cursor moves past them: a crash in between reports them twice rather than never. */
export async function refuseParts(
  parts: readonly RefusedPart[],
  where: { readonly subject: string; readonly reaction: string; readonly version: number },
  { bus, ledger, lake, now }: Shell,
): Promise<void> {
  for (const { code, reason: whole, advice, sample, count } of parts) {
    const reason = reasonText(whole)
    const others = count > 1 ? ` (and ${count - 1} more)` : ''
    await publishOne(bus, {
      type: 'Reaction Refused',
      detail: {
        lake,
        ...where,
        code,
        reason: `${sample}${others}: ${reason}`,
        advice,
      },
    })
    await ledger.reject({ source: where.reaction, about: where.subject, code, reason, sample }, now())
  }
}

/**
 * Sends a wake-up unless one arrives by then. Sent before it is recorded: a crash in between sends twice rather than never.
 *
 * @param changed the cursor has to be saved in any case
 */
export async function wakeAt(
  until: EpochMs,
  answer: ReactResult,
  cursor: Cursor,
  shell: Shell,
  changed = false,
): Promise<Pass> {
  const now = shell.now()
  const at = Math.min(until, now + LONGEST_DELAY)
  const isOnItsWay = cursor.wakeAt !== undefined && cursor.wakeAt > now + CLOCK_SKEW && cursor.wakeAt <= at
  if (isOnItsWay && !changed) return answer
  if (!isOnItsWay) await shell.wakeLater({ subject: cursor.subject }, Math.max(0, at - now))
  return save({ ...cursor, wakeAt: isOnItsWay ? cursor.wakeAt : at }, answer, shell)
}

/** One conditional write of the cursor. */
export async function save(next: Cursor, answer: Pass, shell: Shell): Promise<Pass> {
  return (await shell.ledger.save(next)) === 'saved' ? answer : { kind: 'conflict', acted: false }
}
