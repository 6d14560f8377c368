import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { Refused } from '../core/refused.ts'
import type { Secrets } from '../core/secrets.ts'

export function secretsManager(client: SecretsManagerClient): Secrets {
  return {
    async read(id) {
      const { SecretString } = await client
        .send(new GetSecretValueCommand({ SecretId: id }))
        .catch((cause: unknown) => {
          throw cause instanceof ResourceNotFoundException ? missing(id, cause) : cause
        })
      if (SecretString === undefined)
        throw new Refused('secret-not-text', `the secret ${id} holds bytes, not text`, {
          subject: id,
          expected: 'SecretString',
          found: 'SecretBinary',
          advice: `Put the secret as text: aws secretsmanager put-secret-value --secret-id ${id} --secret-string '…'`,
        })
      return SecretString
    },
  }
}

function missing(id: string, cause: Error): Refused {
  return new Refused(
    'no-such-secret',
    `Secrets Manager has no secret ${id}`,
    { subject: id, advice: 'Create it, or correct its name in lake.yml.' },
    { cause },
  )
}

/** Secrets that are read again once they are old, or once they are forgotten because they did not work. */
export interface CachedSecrets extends Secrets {
  forget(id: string): void
}

/** @param maxAge in ms: for so long may a rotation go unnoticed */
export function cachedSecrets(secrets: Secrets, now: () => number, maxAge: number): CachedSecrets {
  const kept = new Map<string, { readonly text: string; readonly at: number }>()
  return {
    async read(id) {
      const found = kept.get(id)
      if (found !== undefined && now() - found.at < maxAge) return found.text
      const at = now()
      // Kept only once it is there: a failed read is no answer to keep.
      const text = await secrets.read(id)
      kept.set(id, { text, at })
      return text
    },
    forget: (id) => void kept.delete(id),
  }
}
