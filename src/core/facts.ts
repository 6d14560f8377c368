import type * as z from 'zod/mini'
import type { coreFacts } from './fact-schemas.ts'

/** One fact: an EventBridge entry's detail type and detail. */
export interface Fact {
  readonly type: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** The facts that a table of schemas describes, as a union. Types only, so that publishing does not bundle zod. */
export type FactsOf<Schemas extends Readonly<Record<string, z.ZodMiniType>>> = {
  [T in keyof Schemas & string]: { readonly type: T; readonly detail: Readonly<z.infer<Schemas[T]>> }
}[keyof Schemas & string]

/** The facts that every reaction shares. */
export type CoreFact = FactsOf<typeof coreFacts>

/** The `source` of every fact, which EventBridge rules match. */
export const SOURCE = 'landfall'
