import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { Refused } from '../core/refused.ts'
import { secretArn } from '../lake/secret-name.ts'
import type { Secrets } from '../core/secrets.ts'

export function secretsManager(client: SecretsManagerClient): Secrets {
  return {
    async read(id) {
      const region = secretArn(id)?.region
      const here = await client.config.region()
      if (region !== undefined && region !== here) throw elsewhere(id, region, here)
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

/** GetSecretValue finds only the secrets of its own region. */
function elsewhere(id: string, region: string, here: string): Refused {
  return new Refused('secret-elsewhere', `the secret ${id} is in ${region}, and this runs in ${here}`, {
    subject: id,
    expected: here,
    found: region,
    advice: `Replicate the secret to ${here}, and set \`secret\` in lake.yml to its name or to its ARN there.`,
  })
}

function missing(id: string, cause: Error): Refused {
  return new Refused(
    'no-such-secret',
    `Secrets Manager has no secret ${id}`,
    { subject: id, advice: 'Create it, or correct its name in lake.yml.' },
    { cause },
  )
}
