/** Building blocks of lake.yml's schemas. */
import * as z from 'zod'
import { durationFault, durationPattern } from './duration.ts'
import { locationFault, locationPattern } from './location.ts'
import { namePattern } from './names.ts'
import type { Fault } from './problem.ts'

/** zod's message for a value of another type: this, or what a rule expects. */
export const WRONG_TYPE = 'wrong type'

/**
 * A text with a rule such as those in `names.ts`. The rule also says what is expected if the value is a number, as in
 * `errors: 5`. Editors check the text before placeholders are replaced, so the pattern for them allows `${`.
 */
export function text(
  description: string,
  fault: (text: string) => Fault | undefined,
  pattern?: string,
  extra: object = {},
): z.ZodString {
  return z
    .string({ error: ({ input }) => (typeof input === 'number' && fault(String(input))?.expected) || WRONG_TYPE })
    .superRefine((value, context) => {
      const { what, ...params } = fault(value) ?? {}
      if (what !== undefined) context.addIssue({ code: 'custom', message: what, params })
    })
    .meta({ description, ...(pattern !== undefined && { pattern: `${pattern}|\\$\\{` }), ...extra })
}

/** A map from names that the user chooses. `checks.ts` checks the names, since zod would stop at the first bad one. */
export function named<Value extends z.ZodType>(
  description: string,
  value: Value,
  pattern: string = namePattern,
): z.ZodRecord<z.ZodString, Value> {
  return z.record(z.string(), value).meta({ description, propertyNames: { pattern } })
}

export const duration = (description: string, fault = durationFault, extra: object = {}): z.ZodString =>
  text(description, fault, durationPattern, extra)

export const location = (description: string): z.ZodString => text(description, locationFault, locationPattern)

export const count = (description: string): z.ZodInt => z.int().min(1).meta({ description })
