import type { Repaired } from '../../src/tables/landing/repair.ts'
import { age, count, shorten } from '../text.ts'

/** One line of at most `width` columns: how many objects there are is not known before the end. `elapsed` in ms. */
export function progressText({ compared, added, removed, after }: Repaired, elapsed: number, width: number): string {
  const rate = elapsed < 1_000 ? '' : `, ${count(Math.round((compared * 1_000) / elapsed))}/s`
  const gone = removed === 0 ? '' : `, ${count(removed)} removed`
  const line = `${count(compared)} objects, ${count(added)} added${gone}${rate}, ${age(elapsed)}`
  const room = width - line.length - ', at '.length
  return after === undefined || room < 10 ? shorten(line, width) : `${line}, at ${shorten(after, room)}`
}

/** What is said at the end, or where it was broken off. */
export function doneText(
  table: string,
  { compared, added, removed, after }: Repaired,
  newest: number,
  stage: string,
): string[] {
  const found = `${count(compared)} objects compared, ${count(added)} files added, ${count(removed)} removed`
  const log = newest < 0 ? 'its landing log is empty' : `its landing log is at version ${newest}`
  if (after === undefined) return [`${table}: ${found}; ${log}`]
  return [
    `${table}: ${found}; broken off after ${after}, ${log}`,
    `  Go on from there: landfall backfill ${table} --stage ${stage}`,
  ]
}
