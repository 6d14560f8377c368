import * as z from 'zod/mini'

/**
 * The facts that every reaction shares: a row per detail type. A reaction's own are in its `fact-schemas.ts`, and all of
 * them in `src/reactions/facts.ts`, from which `schemas/events/` is made. Facts are published at least once, and may come in
 * any order.
 */
const tableChanged = z.object({
  lake: z.string(),
  table: z.string(),
  /** `s3://bucket/prefix`. */
  location: z.string(),
  format: z.string(),
  /** The version that was seen to be there; later ones may be too. */
  version: z.int().check(z.nonnegative()),
})

const reactionRefused = z.object({
  lake: z.string(),
  /** `table/flights`. */
  subject: z.string(),
  reaction: z.string(),
  /** The version that an event had named, or else the last one done; -1 for none. */
  version: z.int(),
  code: z.string(),
  reason: z.string(),
  advice: z.optional(z.string()),
})

const run = {
  lake: z.string(),
  /** `table/flights`. */
  subject: z.string(),
  reaction: z.string(),
  /** The run took the versions after this one … */
  after: z.int(),
  /** … up to and with this one. */
  version: z.int(),
  /** Of a run of several steps: the one that ended, from 0. */
  step: z.optional(z.int()),
  /** How many steps the run has; absent for one. */
  steps: z.optional(z.int()),
  /** Of this step. */
  attempt: z.int(),
  /** The outside system's id of this step; empty where it never began. */
  externalId: z.string(),
}
const runSucceeded = z.object(run)
const runFailed = z.object({ ...run, reason: z.string() })

export const coreFacts = {
  'Table Changed': tableChanged,
  'Reaction Refused': reactionRefused,
  'Run Succeeded': runSucceeded,
  'Run Failed': runFailed,
} as const
