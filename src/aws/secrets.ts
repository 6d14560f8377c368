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
          advice: `Store the secret as text: aws secretsmanager put-secret-value --secret-id ${id} --secret-string '…'`,
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
