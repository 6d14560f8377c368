import * as z from 'zod/mini'
import { coreFacts } from './fact-schemas.ts'
import { Refused } from './refused.ts'
import type { Wake } from './reaction.ts'
import { reasonOf } from './schema-error.ts'

/** A wake-up without an event, as the sweep sends it. Its JSON Schema is made from this. */
export const wakeSchema = z.strictObject({
  subject: z.string().check(z.minLength(1)),
  version: z.optional(z.int().check(z.nonnegative())),
  full: z.optional(z.boolean()),
})
const envelope = z.looseObject({ 'detail-type': z.literal('Table Changed'), detail: coreFacts['Table Changed'] })
const body = z.union([envelope, wakeSchema])

/**
 * What a message in the queue of a table's reaction wakes: a `Table Changed` fact or a wake-up.
 *
 * @throws {Refused} `not-a-wake` for anything else
 */
export function parseWake(message: unknown): Wake {
  const { success, data, error } = body.safeParse(message)
  if (!success)
    throw new Refused('not-a-wake', `a message is neither a 'Table Changed' nor a wake-up: ${reasonOf(error)}`)
  return 'detail' in data ? { subject: `table/${data.detail.table}`, version: data.detail.version } : data
}
