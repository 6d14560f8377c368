import type { Secrets } from './secrets.ts'
import type { EpochMs, Milliseconds } from './time.ts'

/** Reads a secret again once it is old, or was forgotten because it did not work. */
export interface CachedSecrets extends Secrets {
  forget(id: string): void
}

/** @param maxAge how long a rotation may go unnoticed */
export function cachedSecrets(secrets: Secrets, now: () => EpochMs, maxAge: Milliseconds): CachedSecrets {
  const kept = new Map<string, { readonly text: string; readonly at: EpochMs }>()
  return {
    async read(id) {
      const found = kept.get(id)
      if (found !== undefined && now() - found.at < maxAge) return found.text
      const at = now()
      // Kept only after the read has succeeded: a failure is not cached.
      const text = await secrets.read(id)
      kept.set(id, { text, at })
      return text
    },
    forget: (id) => void kept.delete(id),
  }
}
