import * as z from 'zod/mini'

const tableChanged = z.object({
  lake: z.string(),
  table: z.string(),
  /** `s3://bucket/prefix`. */
  location: z.string(),
  format: z.string(),
  /** The version that was seen. There may be later ones. */
  version: z.int().check(z.nonnegative()),
})

const reactionRefused = z.object({
  lake: z.string(),
  /** `table/flights`. */
  subject: z.string(),
  reaction: z.string(),
  /** The version that an event named, or else the last one done; -1 for none. */
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
  /** The run takes the versions after this one … */
  after: z.int(),
  /** … up to and including this one. */
  version: z.int(),
  /** The step that ended, from 0. Absent when the run has only one. */
  step: z.optional(z.int()),
  /** How many steps the run has. Absent when it has only one. */
  steps: z.optional(z.int()),
  /** The attempt at this step, from 1. */
  attempt: z.int(),
  /** The outside system's id of this step. Empty if it never began there. */
  externalId: z.string(),
}
const runSucceeded = z.object(run)
const runFailed = z.object({ ...run, reason: z.string() })

/**
 * The facts that all reactions share, by detail type. A reaction's own are in its `fact-schemas.ts`; `src/reactions/facts.ts`
 * has all of them, and `schemas/events/` is made from it. Facts are published at least once, in any order.
 */
export const coreFacts = {
  'Table Changed': tableChanged,
  'Reaction Refused': reactionRefused,
  'Run Succeeded': runSucceeded,
  'Run Failed': runFailed,
} as const
