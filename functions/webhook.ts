import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { dynamodb, secretsmanager, sqs } from '../src/aws/clients.ts'
import { dynamoDeliveries } from '../src/intake/webhook/aws/deliveries.ts'
import { readLake } from '../src/lambda/lake-file.ts'
import { sendAll } from '../src/aws/queue.ts'
import { secretsManager } from '../src/aws/secrets.ts'
import { webhookSecrets } from '../src/intake/webhook/secrets.ts'
import { lambda } from '../src/lambda/function.ts'
import { rateLimitedLog } from '../src/intake/webhook/rate-limited-log.ts'
import type { WebhookPorts } from '../src/intake/webhook/ports.ts'
import { receive } from '../src/intake/webhook/receive.ts'
import { webhookSources } from '../src/reactions/webhooks.ts'

/** Receives deliveries over HTTPS. Each source has a path of its own. */
export const handler = lambda<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>(
  'webhook',
  async ({ config, log, now }) => {
    const client = sqs()
    const ports: WebhookPorts = {
      sources: webhookSources(await readLake(config), webhookSecrets(secretsManager(secretsmanager()), now), now),
      deliveries: dynamoDeliveries(dynamodb(), config.ledgerTable),
      async send(reaction, wakes) {
        const queue = config.queues[reaction]
        if (queue === undefined)
          throw new Error(`QUEUES names no queue for the reaction '${reaction}': deploy the lake again`)
        await sendAll(client, queue, wakes)
      },
      note: rateLimitedLog((path, code, reason) => log.warn('delivery', { path, code, reason }), now),
      now,
    }
    return async ({ rawPath, headers, body = '', isBase64Encoded }) => {
      const statusCode = await receive(
        rawPath,
        { headers, body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') },
        ports,
      )
      return { statusCode }
    }
  },
)
