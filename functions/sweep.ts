import { sqs } from '../src/clients/aws.ts'
import { readLake } from '../src/clients/lake-file.ts'
import { sendAll } from '../src/clients/queue.ts'
import { lambda } from '../src/edge/function.ts'
import { type Swept, sweep } from '../src/reactions/sweep.ts'

/** Wakes every subject on a schedule, so that what an event lost is made good. */
export const handler = lambda<unknown, Swept>('sweep', async ({ config, log }) => {
  const lake = await readLake(config)
  const client = sqs()
  const send = (queue: string, bodies: readonly unknown[]) => sendAll(client, queue, bodies)
  return async (event) => {
    const swept = await sweep(event, lake, config.queues, send)
    log.info('woken', { ...swept })
    return swept
  }
})
