import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { secretsmanager } from '../../src/aws/clients.ts'
import type { Lake } from '../../src/lake/lake.ts'

/** Creates the secrets that an operator would create for the lake's MLflow servers. They are empty: these ask for no credentials. */
export async function setUpRegistries(lake: Lake): Promise<void> {
  const client = secretsmanager()
  for (const registry of Object.values(lake.registries))
    if (registry.kind === 'mlflow')
      await client.send(new CreateSecretCommand({ Name: registry.secret, SecretString: '{}' }))
  client.destroy()
}
