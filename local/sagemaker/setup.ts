import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { eventbridge, secretsmanager } from '../../src/aws/clients.ts'
import type { Lake } from '../../src/lake/lake.ts'
import type { EndpointEvent } from './core/views.ts'
import { putEvent } from './events.ts'

/** What somebody sets up by hand for a registry: a secret. This MLflow server asks for no credentials, so there are none in it. */
export async function setUpRegistries(lake: Lake): Promise<void> {
  const client = secretsmanager()
  for (const registry of Object.values(lake.registries))
    if (registry.kind === 'mlflow')
      await client.send(new CreateSecretCommand({ Name: registry.secret, SecretString: '{}' }))
  client.destroy()
}

/** Events of the SageMaker stand-in, put onto the account's own bus, where SageMaker puts them. */
export function endpointEventSender(): { send(event: EndpointEvent): void; close(): void } {
  let client: ReturnType<typeof eventbridge> | undefined
  return {
    send(event) {
      client ??= eventbridge()
      // Best effort, as on AWS: whoever waits for one looks by itself after a while.
      putEvent(client, event).catch(() => undefined)
    },
    close: () => client?.destroy(),
  }
}
