/**
 * In ms, before and after now. MLflow's own repetitions of a delivery are over after some 130 s (four tries of 30 s and the
 * waits between them) and carry the time of the first.
 */
const FRESH = 300_000

/** For so long is a delivery remembered, in ms: one that is signed for 300 s from now is fresh for 300 s more. */
export const DEDUPLICATION_WINDOW = 2 * FRESH

export function isFresh(sent: number, now: number): boolean {
  return Math.abs(now - sent) <= FRESH
}
