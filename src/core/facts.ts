import type * as z from 'zod/mini'
import type { facts } from './fact-schemas.ts'

/** What Landfall publishes; `schemas.ts` says what is in each. Apart from it, since who only publishes has no use for zod. */
export type FactType = keyof typeof facts

/** One fact: an EventBridge entry's detail type and detail. */
export type Fact = {
  [T in FactType]: { readonly type: T; readonly detail: Readonly<z.infer<(typeof facts)[T]>> }
}[FactType]

/** The source of every fact, for rules. */
export const SOURCE = 'landfall'
