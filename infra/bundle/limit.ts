import { reactionInfra } from '../index.ts'

/** kB, minified. The webhook's is smaller, because its callers wait for the answer. */
const LIMITS: Readonly<Record<string, number>> = { webhook: 300 }
const LIMIT = 450

/** The maximum size of a function's bundle, in kB. */
export function bundleLimit(name: string): number {
  const { bundle } = (reactionInfra as Readonly<Record<string, { readonly bundle?: number } | undefined>>)[name] ?? {}
  return bundle ?? LIMITS[name] ?? LIMIT
}
