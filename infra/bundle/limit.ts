import { reactionInfra } from '../index.ts'

/** kB, minified. Somebody waits for the webhook's answer. */
const LIMITS: Readonly<Record<string, number>> = { webhook: 300 }
const LIMIT = 450

/** The most that the bundle of a function may take, in kB. */
export function bundleLimit(name: string): number {
  const { bundle } = (reactionInfra as Readonly<Record<string, { readonly bundle?: number } | undefined>>)[name] ?? {}
  return bundle ?? LIMITS[name] ?? LIMIT
}
