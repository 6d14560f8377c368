import type { Table } from './lake.ts'
import type { Finding } from './problem.ts'
import type { Found, MapNode } from './tree.ts'

/** Checks keys of a lake.yml against each other. It must not report a value that is missing or invalid by itself: zod does. */
type Check = (root: MapNode) => Finding[]

/** An entry with a name that must be unique among its kind. */
export interface Named extends Found {
  readonly name: string
}

/**
 * The checks of lake.yml that a reaction, or a system that several reactions use, adds. Patterns are those of `select`, as
 * `tables.*.job.name`.
 */
export interface Part {
  /** Maps whose keys are names that the user chooses. */
  readonly names?: readonly string[]
  /** Texts that must name an entry of another map. */
  readonly references?: readonly { readonly from: string; readonly to: readonly string[] }[]
  /** Lists without duplicates. */
  readonly sets?: readonly string[]
  /** Locations that Landfall writes to: they must be in declared buckets and outside of tables. */
  readonly outputs?: readonly string[]
  /** Things whose names must be unique. `what` is for the message: `the Glue table`. */
  readonly unique?: readonly { readonly what: string; readonly named: (root: MapNode) => Named[] }[]
  readonly checks?: readonly Check[]
  /** What `landfall check` prints of a table after its name and location: `catalog silver.flights`. */
  readonly describe?: (table: Table) => string | undefined
}
