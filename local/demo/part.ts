import type { Lake } from '../../src/lake/lake.ts'
import type { Emulator } from '../cloud/emulator.ts'
import type { SystemName, Systems } from '../systems.ts'
import type { Screen } from './screen.ts'

/**
 * A part of the demo. Parts run side by side on one deployed lake, so each keeps to subjects of its own: its tables and its
 * endpoints, sweeps of these alone, and lost events of these alone.
 */
export interface Part {
  /** For `--only`. */
  readonly name: string
  /** A line of `--list`: what it shows. */
  readonly summary: string
  /** What it needs beside the emulator. */
  readonly systems: readonly SystemName[]
  /** Names of parts whose results it builds on: it starts once they have succeeded. */
  readonly after: readonly string[]
  /** What lake.yml would have to declare for it; `undefined` where it does. */
  missing(lake: Lake): string | undefined
  /** The heading of its output. */
  title(lake: Lake): string
  /** @throws Error where a check fails */
  play(context: PartContext): Promise<void>
}

export interface PartContext {
  readonly emulator: Emulator
  readonly lake: Lake
  readonly screen: Screen
  /** Aborted when `npm start` is asked to end. */
  readonly signal: AbortSignal
  /** Resolves once the lake is deployed. Parts start before that, to load what takes long. */
  readonly deployed: Promise<unknown>
  /** A system that the part declares, up and set up for the lake. */
  system<Name extends SystemName>(name: Name): Promise<Systems[Name]>
}
