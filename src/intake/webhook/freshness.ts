import type { EpochMs, Milliseconds } from '../../core/time.ts'

/**
 * How far from now a delivery may have been sent. MLflow's retries end after some 130 s (four attempts of 30 s and the waits
 * between them) and carry the time of the first attempt.
 */
const FRESH: Milliseconds = 300_000

/** How long a delivery is remembered: one that was signed for 300 s ahead stays fresh for 600 s. */
export const DEDUPLICATION_WINDOW: Milliseconds = 2 * FRESH

export function isFresh(sent: EpochMs, now: EpochMs): boolean {
  return Math.abs(now - sent) <= FRESH
}
