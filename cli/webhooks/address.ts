import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { isLocal } from '../../src/lake/stage.ts'
import { names } from '../../src/lake/resource-names.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { Refused } from '../../src/core/refused.ts'

/**
 * The address that receives the webhooks of a deployed lake: the HTTP API of its stack. The emulator serves it under a path
 * of its own.
 *
 * @throws {Refused} `not-deployed`, `no-webhook-address`
 */
export async function webhookAddress(lake: Lake): Promise<string> {
  const { stack } = names(lake)
  const client = new CloudFormationClient({ maxAttempts: 3 })
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }))
    const outputs = new Map(Stacks[0]?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]))
    const address = isLocal(lake.stage) ? emulatorAddress(outputs.get('HttpApiId')) : outputs.get('HttpApiUrl')
    if (address !== undefined) return address
    throw new Refused('no-webhook-address', `stack ${stack} has no HTTP API to receive webhooks`, {
      subject: stack,
      advice: 'Declare models in lake.yml and deploy the lake, or set the address with --url.',
    })
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'ValidationError') throw cause
    throw new Refused(
      'not-deployed',
      `stack ${stack} does not exist in this account and region`,
      {
        subject: stack,
        advice: `Deploy it with npm run deploy -- --stage ${lake.stage}, or choose another stage with --stage.`,
      },
      { cause },
    )
  } finally {
    client.destroy()
  }
}

/** The endpoint is in the environment: local/cloud/endpoint.ts sets it for the stage `local`. */
function emulatorAddress(api: string | undefined): string | undefined {
  const endpoint = process.env['AWS_ENDPOINT_URL']
  return endpoint === undefined || api === undefined ? undefined : `${endpoint}/_aws/execute-api/${api}/$default`
}
