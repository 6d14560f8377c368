/**
 * From a promotion in a real MLflow server to the SageMaker stand-in, with functions deployed to the emulator: the number of
 * calls, and the time beside the same path without any work.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { GetQueueUrlCommand, PurgeQueueCommand } from '@aws-sdk/client-sqs'
import { sqs } from '../../src/aws/clients.ts'
import { names } from '../../src/lake/resource-names.ts'
import type { Figure, Figures } from '../figure.ts'
import { countFigures } from './promotion-counts.ts'
import { ALIAS, type Local, type ModelName, withLocal } from './promotion-lake.ts'
import { makePeer, PEER_MODEL } from './promotion-peer.ts'
import { ROUNDS, timeFigures } from './promotion-times.ts'

/** After this time, in ms, all wake-ups that a deployment sends itself have arrived. */
const OWN_WAKE_UPS = 62_000

export const promotionFigures: Figures = (say) =>
  withLocal(say, async (local) => {
    await makePeer(local)
    say('training a model and deploying it to three endpoints')
    const { artifacts } = await local.models.register(PEER_MODEL)
    const versions = async (model: string, count: number) => {
      const made: string[] = []
      while (made.length < count) made.push((await local.models.version(model, artifacts)).version)
      return made
    }
    const [first] = await versions('first', 1)
    const [before, update] = await versions('updated', 2)
    const [back, newer] = await versions('returned', 2)
    const [one, other, ...fresh] = await versions('timed', 2 + ROUNDS)
    await versions(PEER_MODEL, 1)
    const deploy = async (model: ModelName, version: string) => {
      await local.models.alias(model, ALIAS, version)
      await local.untilServing(model, version, 500)
    }
    await deploy('updated', before!)
    await deploy('returned', back!)
    await deploy('returned', newer!)
    const until = Date.now() + OWN_WAKE_UPS
    await deploy('timed', one!)
    await deploy('timed', other!)
    const timed = await timeFigures(local, { known: [one!, other!], fresh }, say)
    await sleep(Math.max(0, until - Date.now()))
    await forgetWakeUps(local)
    const counted = await countFigures(local, { first: first!, updated: update!, returned: back! }, say)
    return [...counted, ...timed] satisfies Figure[]
  })

/** Removes the timed endpoint's own wake-ups, which would be counted in the other scenarios. */
async function forgetWakeUps({ lake }: Local): Promise<void> {
  const client = sqs()
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: names(lake).queue('deployment') }))
  await client.send(new PurgeQueueCommand({ QueueUrl }))
  client.destroy()
}
