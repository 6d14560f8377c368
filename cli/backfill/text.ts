import type { Milliseconds } from '../../src/core/time.ts'
import type { Repaired } from '../../src/tables/landing/repair.ts'
import { age, count, counted, shorten } from '../text.ts'

/** One line of at most `width` columns. It has no percentage: the number of objects is not known before the end. */
export function progressText(
  { compared, added, removed, after }: Repaired,
  elapsed: Milliseconds,
  width: number,
): string {
  const rate = elapsed < 1_000 ? '' : `, ${count(Math.round((compared * 1_000) / elapsed))}/s`
  const gone = removed === 0 ? '' : `, ${count(removed)} removed`
  const line = `${counted(compared, 'object')}, ${count(added)} added${gone}${rate}, ${age(elapsed)}`
  const room = width - line.length - ', at '.length
  return after === undefined || room < 10 ? shorten(line, width) : `${line}, at ${shorten(after, room)}`
}

/** The summary at the end, or after an interruption. */
export function doneText(
  table: string,
  { compared, added, removed, after }: Repaired,
  newest: number,
  stage: string,
): string[] {
  const found = `${counted(compared, 'object')} compared, ${counted(added, 'file')} added, ${count(removed)} removed`
  const log = newest < 0 ? 'the landing log is empty' : `the landing log is at version ${newest}`
  if (after === undefined) return [`${table}: ${found}; ${log}`]
  return [
    `${table}: ${found}; stopped after ${after}, ${log}`,
    `  Continue: landfall backfill ${table} --stage ${stage}`,
  ]
}
