import * as z from 'zod/mini'
import { coreFacts } from './fact-schemas.ts'
import { Refused } from './refused.ts'
import type { Wake } from './reaction.ts'
import { reasonOf } from './schema-error.ts'

/** What a reaction's queue carries: a fact of the bus, or a wake-up by the sweep. */
const wake = z.strictObject({
  subject: z.string().check(z.minLength(1)),
  version: z.optional(z.int().check(z.nonnegative())),
  full: z.optional(z.boolean()),
})
const envelope = z.looseObject({ 'detail-type': z.literal('Table Changed'), detail: coreFacts['Table Changed'] })
const body = z.union([envelope, wake])

/** The JSON Schema of a wake-up is made from this. */
export const wakeSchema = wake

/**
 * @throws {Refused} `not-a-wake` for what is neither.
 */
export function parseWake(message: unknown): Wake {
  const { success, data, error } = body.safeParse(message)
  if (!success)
    throw new Refused('not-a-wake', `a message is neither a 'Table Changed' nor a wake-up: ${reasonOf(error)}`)
  return 'detail' in data
    ? { subject: `table/${data.detail.table}`, version: data.detail.version }
    : withoutUndefined(data)
}

/** As it is, but without keys that are there and `undefined`. */
export function withoutUndefined({ subject, version, full }: z.infer<typeof wake>): Wake {
  return { subject, ...(version === undefined ? {} : { version }), ...(full === undefined ? {} : { full }) }
}
