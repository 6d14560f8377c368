import type { Table } from './lake.ts'
import type { Finding } from './problem.ts'
import type { Found, MapNode } from './tree.ts'

/** What has to hold between keys of a lake.yml. What is missing or wrong in itself is not reported again. */
export type Check = (root: MapNode) => Finding[]

/** Something found, with the name under which there must be no other of its kind. */
export interface Named extends Found {
  readonly name: string
}

/**
 * What a reaction, or a system that several use, brings to the checks of lake.yml. Patterns are those of `select`
 * (`tables.*.job.name`).
 */
export interface Part {
  /** Maps whose keys are names that the lake gives. */
  readonly names?: readonly string[]
  /** Texts that name something declared in another map. */
  readonly references?: readonly { readonly from: string; readonly to: readonly string[] }[]
  /** Lists in which nothing may stand twice. */
  readonly sets?: readonly string[]
  /** Locations that Landfall writes to: in declared buckets, and outside of tables. */
  readonly outputs?: readonly string[]
  /** Things of which there may be one of a name. `what` is for the message: `the Glue table`. */
  readonly unique?: readonly { readonly what: string; readonly named: (root: MapNode) => Named[] }[]
  readonly checks?: readonly Check[]
  /** What `landfall check` says of a table beside its name and place: `catalog silver.flights`. */
  readonly describe?: (table: Table) => string | undefined
}
