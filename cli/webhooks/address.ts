import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { isLocal } from '../../src/lake/stage.ts'
import { names } from '../../src/lake/resource-names.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { Refused } from '../../src/core/refused.ts'

/**
 * Where the deployed lake takes webhooks in: the HTTP API of its stack, which the emulator serves under a path of its own.
 *
 * @throws {Refused} `not-deployed`, `no-webhook-address`
 */
export async function webhookAddress(lake: Lake): Promise<string> {
  const { stack } = names(lake)
  const client = new CloudFormationClient({ maxAttempts: 3 })
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }))
    const outputs = new Map(Stacks[0]?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]))
    const address = isLocal(lake.stage) ? here(outputs.get('HttpApiId')) : outputs.get('HttpApiUrl')
    if (address !== undefined) return address
    throw new Refused('no-webhook-address', `the stack ${stack} has no HTTP API, which takes webhooks in`, {
      subject: stack,
      advice: 'Declare models in lake.yml and deploy the lake, or say with --url where webhooks are taken in.',
    })
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'ValidationError') throw cause
    throw new Refused(
      'not-deployed',
      `there is no stack ${stack} in this account and region`,
      { subject: stack, advice: `Deploy the lake: npm run deploy -- --stage ${lake.stage}; or name another stage.` },
      { cause },
    )
  } finally {
    client.destroy()
  }
}

/** Clients are found by the environment, which the stage `local` has set (local/cloud/endpoint.ts). */
function here(api: string | undefined): string | undefined {
  const endpoint = process.env['AWS_ENDPOINT_URL']
  return endpoint === undefined || api === undefined ? undefined : `${endpoint}/_aws/execute-api/${api}/$default`
}
