/** What each story of a promotion calls, from the delivery to the last look: of AWS by all functions, and of the registry. */
import { mlflowSigned } from '../../test/intake/webhook/signed.ts'
import { hookUrl } from '../../cli/webhooks/hooks.ts'
import { webhookAddress } from '../../cli/webhooks/address.ts'
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import { secretsmanager, sqs } from '../../src/aws/clients.ts'
import { names } from '../../src/lake/resource-names.ts'
import type { Call } from '../counting-proxy.ts'
import { atMost, type Figure } from '../figure.ts'
import { ALIAS, type Local, type ModelName } from './promotion-lake.ts'

/** How long nobody calls before a story is over, in ms. */
const QUIET = 2_000
/** Read once a container or every five minutes: no part of a promotion. */
const ONCE = /^secretsmanager:|^ecr:DescribeRepositories$/

/** One of everything, with what came before already done: `updated` and `returned` serve a version, `first` has none. */
export interface Stories {
  readonly first: string
  readonly updated: string
  readonly returned: string
}

export async function countFigures(local: Local, stories: Stories, say: (line: string) => void): Promise<Figure[]> {
  const promoted = (model: ModelName, version: string) => async () => {
    await local.models.alias(model, ALIAS, version)
    await local.settled(model, version, QUIET)
  }
  const told = (work: () => Promise<void>) => async () => {
    await work()
    await local.quiet(QUIET)
  }
  const rows = [
    ['first-deployment', promoted('first', stories.first), 36, 13],
    ['update', promoted('updated', stories.updated), 37, 16],
    ['going-back', promoted('returned', stories.returned), 32, 15],
    ['alias-set-again', told(() => local.models.alias('updated', ALIAS, stories.updated)), 5, 1],
    ['idle-wake-up', told(() => wake(local, 'updated')), 2, 1],
    ['delivery-repeated', told(await repeatedDelivery(local)), 1, 0],
  ] as const
  const figures: Figure[] = []
  for (const [name, story, aws, registry] of rows) {
    local.clear()
    await story()
    const counted = tally(local.calls())
    say(
      `${name}: ${Object.entries(counted)
        .map(([service, calls]) => `${service} ${calls.length} (${calls.join(', ')})`)
        .join('; ')}`,
    )
    const { mlflow = [], ...services } = counted
    const all = Object.values(services).flat()
    figures.push(
      atMost(`models/${name}-aws-calls`, 'calls', all.length, aws),
      atMost(`models/${name}-registry-calls`, 'calls', mlflow.length, registry),
    )
  }
  return figures
}

/** Operations by service. */
function tally(calls: readonly Call[]): Readonly<Record<string, readonly string[]>> {
  const named = calls.map(({ name }) => name.replace(/ \/.*\//, ' ')).filter((name) => !ONCE.test(name))
  const services = Map.groupBy(named, (name) => name.slice(0, name.indexOf(':')))
  return Object.fromEntries(
    [...services].map(([service, all]) => [service, all.map((name) => name.slice(service.length + 1))]),
  )
}

/** As the sweep wakes an endpoint that needs nothing. */
async function wake({ lake }: Local, model: ModelName): Promise<void> {
  const client = sqs()
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: names(lake).queue('deployment') }))
  const MessageBody = JSON.stringify({ subject: `endpoint/bench-${model}` })
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody }))
  client.destroy()
}

/** A delivery that was taken in before. Answers what delivers it again, as MLflow does that has not heard of its success. */
async function repeatedDelivery(local: Local): Promise<() => Promise<void>> {
  const client = secretsmanager()
  const settings = local.lake.registries['main']
  if (settings?.kind !== 'mlflow') throw new Error('the lake has no MLflow server')
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: settings.secret }))
  client.destroy()
  const { webhook } = JSON.parse(SecretString) as { webhook: string | readonly string[] }
  const data = { name: 'updated', alias: ALIAS, version: '1' }
  const body = JSON.stringify({ entity: 'model_version_alias', action: 'created', data })
  const headers = { 'content-type': 'application/json', ...mlflowSigned(body, { secret: [webhook].flat()[0]! }) }
  const url = hookUrl(await webhookAddress(local.lake), 'main')
  const deliver = async () => {
    const { status } = await fetch(url, { method: 'POST', headers, body })
    if (status !== 204) throw new Error(`a delivery was answered with ${status}`)
  }
  await deliver()
  await local.quiet(QUIET)
  return deliver
}
