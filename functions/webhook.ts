import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { secretsmanager, sqs } from '../src/clients/aws.ts'
import { notificationAuthorization } from '../src/clients/databricks-notifications.ts'
import { readLake } from '../src/clients/lake-file.ts'
import { sendAll } from '../src/clients/queue.ts'
import { secretsManager } from '../src/clients/secrets.ts'
import { lambda } from '../src/edge/function.ts'
import { jobNotifications } from '../src/webhook/job-notifications.ts'
import { receive, type Source } from '../src/webhook/webhook.ts'

/** Deliveries over HTTPS: each source has a path of its own. */
export const handler = lambda<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>('webhook', async (edge) => {
  const { config, log, now } = edge
  const lake = await readLake(config)
  const client = sqs()
  const sources: Record<string, Source> = {}
  if (lake.databricks !== undefined) {
    const matches = notificationAuthorization(secretsManager(secretsmanager()), lake.databricks.secret, now)
    sources['/databricks/jobs'] = jobNotifications(lake.tables, matches)
  }
  const ports = {
    sources,
    async send(reaction: string, wakes: readonly unknown[]) {
      const queue = config.queues[reaction]
      if (queue === undefined)
        throw new Error(`QUEUES names no queue for the reaction '${reaction}': deploy the lake again`)
      await sendAll(client, queue, wakes)
    },
    note: (path: string, code: string, reason: string) => log.warn('delivery turned away', { path, code, reason }),
  }
  return async ({ rawPath, headers, body = '', isBase64Encoded }) => {
    const statusCode = await receive(
      rawPath,
      { headers, body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') },
      ports,
    )
    return { statusCode }
  }
})
