import { sha256 } from '../node/sha256.ts'
import type { Config } from '../lambda/config.ts'
import type { Lake } from '../lake/lake.ts'
import type { Shell } from '../core/shell.ts'
import { dynamodb, eventbridge, sqs } from './clients.ts'
import { eventBridgeBus } from './bus.ts'
import { dynamoLedger } from './ledger.ts'
import { sendLater } from './queue.ts'

/** The ledger and bus of the deployed lake, and the reaction's own queue for later wake-ups. */
export function awsShell(
  reaction: string,
  lake: Pick<Lake, 'name' | 'stage'>,
  { config, now }: { readonly config: Config; now(): number },
): Shell {
  const client = sqs()
  return {
    lake: lake.name,
    stage: lake.stage,
    ledger: dynamoLedger(dynamodb(), config.ledgerTable),
    bus: eventBridgeBus(eventbridge(), config.busName),
    async wakeLater(wake, delay) {
      const queue = config.queues[reaction]
      if (queue === undefined)
        throw new Error(`QUEUES names no queue for the reaction '${reaction}': deploy the lake again`)
      await sendLater(client, queue, wake, delay)
    },
    digest: sha256,
    now,
  }
}
