/** What the schemas of lake.yml are put together from. */
import * as z from 'zod'
import { durationFault, durationPattern } from './duration.ts'
import { locationFault, locationPattern } from './location.ts'
import { namePattern } from './names.ts'
import type { Fault } from './problem.ts'

/** A text by a rule of `names.ts`. Editors see it before placeholders are filled, so their pattern lets those through. */
export function text(
  description: string,
  fault: (text: string) => Fault | undefined,
  pattern?: string,
  extra: object = {},
): z.ZodString {
  return z
    .string()
    .superRefine((value, context) => {
      const { what, ...params } = fault(value) ?? {}
      if (what !== undefined) context.addIssue({ code: 'custom', message: what, params })
    })
    .meta({ description, ...(pattern !== undefined && { pattern: `${pattern}|\\$\\{` }), ...extra })
}

/** A map from names that the lake gives. `checks.ts` checks the names, for zod would stop at the first bad one. */
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
