import { distinct } from '../../src/core/distinct.ts'
import type { SystemName } from '../systems.ts'
import { announce } from './announce.ts'
import { catalog } from './catalog.ts'
import { deployment } from './deployment.ts'
import { job } from './job.ts'
import type { Part } from './part.ts'

/** The parts of the demo, a row each, in the order in which they are shown. A part comes after those that it builds on. */
export const parts: readonly Part[] = [catalog, announce, job, deployment]

/** The named parts with those that they build on, in the order of the list; all of them where none is named. */
export function selectParts(names: readonly string[], from: readonly Part[] = parts): Part[] {
  if (names.length === 0) return [...from]
  const wanted = new Set(names)
  // A part comes after those that it builds on, so one pass from the end finds all.
  for (const { name, after } of from.toReversed()) if (wanted.has(name)) for (const each of after) wanted.add(each)
  return from.filter(({ name }) => wanted.has(name))
}

/** What the parts need beside the emulator. */
export function systemsOf(selected: readonly Part[]): SystemName[] {
  return distinct(selected.flatMap(({ systems }) => systems))
}

/** The lines of `npm start -- --list`. */
export function listParts(from: readonly Part[] = parts): string[] {
  const width = Math.max(...from.map(({ name }) => name.length))
  return from.map(({ name, summary, after }) => {
    const also = after.length === 0 ? '' : ` (runs after ${after.join(', ')})`
    return `${name.padEnd(width)}  ${summary}${also}`
  })
}
