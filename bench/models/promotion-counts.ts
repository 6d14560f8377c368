/** The calls of all functions to AWS and to the registry in each scenario of a promotion, from the delivery to the last poll. */
import { mlflowSigned } from '../../test/intake/webhook/signed.ts'
import { hookUrl } from '../../cli/webhooks/hooks.ts'
import { webhookAddress } from '../../cli/webhooks/address.ts'
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import { secretsmanager, sqs } from '../../src/aws/clients.ts'
import type { Milliseconds } from '../../src/core/time.ts'
import { names } from '../../src/lake/resource-names.ts'
import type { Call } from '../counting-proxy.ts'
import { atMost, type Figure } from '../figure.ts'
import { ALIAS, type Local, type ModelName } from './promotion-lake.ts'

/** A scenario is over after this time without a call. */
const QUIET: Milliseconds = 2_000
/** Calls made once per container or every five minutes: not part of a promotion. */
const ONCE = /^secretsmanager:|^ecr:DescribeRepositories$/

/** The version to promote on each model. `updated` and `returned` already serve a version, `first` does not. */
interface Stories {
  readonly first: string
  readonly updated: string
  readonly returned: string
}

export async function countFigures(local: Local, stories: Stories, say: (line: string) => void): Promise<Figure[]> {
  const promoted = (model: ModelName, version: string) => async () => {
    await local.models.alias(model, ALIAS, version)
    await local.untilServing(model, version, QUIET)
  }
  const untilQuiet = (work: () => Promise<void>) => async () => {
    await work()
    await local.quiet(QUIET)
  }
  const rows = [
    ['first-deployment', promoted('first', stories.first), 36, 13],
    ['update', promoted('updated', stories.updated), 37, 16],
    ['going-back', promoted('returned', stories.returned), 32, 15],
    ['alias-set-again', untilQuiet(() => local.models.alias('updated', ALIAS, stories.updated)), 5, 1],
    ['idle-wake-up', untilQuiet(() => wake(local, 'updated')), 2, 1],
    ['delivery-repeated', untilQuiet(await repeatedDelivery(local)), 1, 0],
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

/** Wakes an up-to-date endpoint, like the sweep. */
async function wake({ lake }: Local, model: ModelName): Promise<void> {
  const client = sqs()
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: names(lake).queue('deployment') }))
  const MessageBody = JSON.stringify({ subject: `endpoint/bench-${model}` })
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody }))
  client.destroy()
}

/** Delivers once, and returns a function that repeats the delivery, like MLflow if it did not get the answer. */
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
