import { availableParallelism } from 'node:os'
import { type SystemName, type Systems, systems } from '../systems.ts'
import type { Part, PartContext } from './part.ts'
import type { Screen } from './screen.ts'

/** Parts that run at once: they wait more than they work, but a crowd of them would slow down the first. */
const SIDE_BY_SIDE = Math.max(3, availableParallelism())

export interface PartResult {
  readonly name: string
  /** Why it failed, or did not run because a part that it builds on failed. */
  readonly error?: Error
}

interface Stage extends Omit<PartContext, 'screen'> {
  /** A screen of the part's own; `end` when the part has nothing more to print. Asked for in the order of the parts. */
  screen(): Screen & { end(): void }
}

/** Plays parts, side by side where they do not build on each other. One that fails does not end the others. */
export async function playParts(selected: readonly Part[], stage: Stage, atOnce = SIDE_BY_SIDE): Promise<PartResult[]> {
  const results = new Map<string, Promise<PartResult>>()
  const shown = new Set<SystemName>()
  const seats = new Seats(atOnce)
  for (const part of selected) {
    const screen = stage.screen()
    // A system is shown by the first part that needs it.
    const news = part.systems.filter((name) => !shown.has(name))
    for (const name of news) shown.add(name)
    const before = part.after.flatMap((name) => results.get(name) ?? [])
    results.set(part.name, playPart(part, { ...stage, screen }, news, before, seats).finally(screen.end))
  }
  return Promise.all(results.values())
}

async function playPart(
  part: Part,
  context: PartContext,
  newSystems: readonly SystemName[],
  before: readonly Promise<PartResult>[],
  seats: Seats,
): Promise<PartResult> {
  const { name } = part
  const { screen, lake } = context
  const failed = (await Promise.all(before)).find(({ error }) => error !== undefined)
  const leave = await seats.take()
  try {
    screen.section(part.title(lake))
    if (failed !== undefined) throw new Error(`it builds on ${failed.name}, which failed`)
    if (newSystems.length > 0) await context.deployed
    for (const each of newSystems) await screen.step(systems[each].title, () => describeSystem(each, context.system))
    await part.play(context)
    return { name }
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause))
    if (!context.signal.aborted) screen.line(`\n  ${name} failed: ${error.message}`)
    return { name, error }
  } finally {
    leave()
  }
}

async function describeSystem<Name extends SystemName>(
  name: Name,
  system: (name: Name) => Promise<Systems[Name]>,
): Promise<string> {
  return systems[name].describe(await system(name))
}

/** So many may sit; others wait, and sit down in the order in which they came. */
class Seats {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Answers how to leave. */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return () => {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }
}
