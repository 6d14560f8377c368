import * as z from 'zod/mini'

/** Not negative. */
const total = z.int().check(z.nonnegative())
/** `null`: the log does not say it of every file. */
const perhaps = z.nullable(total)

/** The first of a list that may be too long for a fact, and how many there are in all. */
function capped<Item extends z.ZodMiniType>(item: Item) {
  return z.object({ count: total, first: z.array(item) })
}

/** Column name to value as the log spells it; `null` for SQL NULL. */
const partition = z.record(z.string(), z.nullable(z.string()))

const column = z.object({
  /** `a.b` for a nested one; `a.element`, `a.key` and `a.value` for what is in a list or a map. */
  column: z.string(),
  type: z.string(),
})
const fromTo = <Value extends z.ZodMiniType>(value: Value) => z.object({ from: value, to: value })
const columnChange = z.object({
  column: z.string(),
  type: z.optional(fromTo(z.string())),
  nullable: z.optional(fromTo(z.boolean())),
  /** `null`: no comment. */
  comment: z.optional(fromTo(z.nullable(z.string()))),
})
/** Each list is absent where it would be empty. */
const schemaDifference = z.object({
  added: z.optional(capped(column)),
  dropped: z.optional(capped(column)),
  /** Of tables with column mapping; in others a renamed column is one that was dropped and one that was added. */
  renamed: z.optional(capped(fromTo(z.string()))),
  changed: z.optional(capped(columnChange)),
  partitionColumns: z.optional(fromTo(z.array(z.string()))),
})

/** A value that was not set before, or is not any more, is absent. */
const property = z.object({ name: z.string(), from: z.optional(z.string()), to: z.optional(z.string()) })

const protocol = z.object({
  minReaderVersion: z.int(),
  minWriterVersion: z.int(),
  readerFeatures: z.array(z.string()),
  writerFeatures: z.array(z.string()),
})

const tableCommitted = z.object({
  lake: z.string(),
  table: z.string(),
  /** `s3://bucket/prefix`. */
  location: z.string(),
  format: z.string(),
  /** Equal for repeats of this fact, and for nothing else. */
  id: z.string(),
  version: total,
  /** When it was committed, in ms since the epoch. */
  timestamp: z.int(),
  /** As the writer calls it (`WRITE`, `MERGE`, `OPTIMIZE`, …); `null` when it does not say. */
  operation: z.nullable(z.string()),
  /** What the writer counted, by its own names (`numTargetRowsUpdated`, …), as text. At most fifty. */
  metrics: z.optional(z.record(z.string(), z.string())),
  /** False when no rows were changed: OPTIMIZE, or only the schema, properties or protocol. */
  dataChange: z.boolean(),
  /** `updated`: files that stay, with another deletion vector. They are neither added nor removed. */
  files: z.object({ added: total, removed: total, updated: total }),
  bytes: z.object({ added: perhaps, removed: perhaps }),
  /** As a query sees them: without those that a deletion vector hides. */
  rows: z.object({ added: perhaps, removed: perhaps }),
  /** Those that have one of these files. `count` is `null` when the log does not say the partition of every file. */
  partitions: z.object({ count: perhaps, first: z.array(partition) }),
  /** The three differences are absent when nothing changed, and `null` when the version before is no longer readable. */
  schema: z.optional(z.nullable(schemaDifference)),
  properties: z.optional(z.nullable(capped(property))),
  /** `from` is absent at a table's first version. */
  protocol: z.optional(z.nullable(z.object({ from: z.optional(protocol), to: protocol }))),
  /** The versions before this one that were cleaned up from the log before they could be announced. */
  missed: z.optional(z.object({ from: total, to: total })),
})

/** What the announce reaction publishes. */
export const announceFacts = { 'Table Committed': tableCommitted } as const
