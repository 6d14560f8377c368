import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListTagsCommand,
  type SageMakerClient,
  UpdateEndpointCommand,
} from '@aws-sdk/client-sagemaker'
import { InvokeEndpointCommand, type SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime'
import { Refused } from '../../../core/refused.ts'
import type { SageMaker, Sent } from '../ports.ts'
import { deploymentConfig } from './guardrails.ts'
import { configInput, modelInput, tagList } from './sagemaker-inputs.ts'

/** The port on SageMaker's API. Scaling is another service's: `scaling.ts`. */
export function sagemakerEndpoints(client: SageMakerClient, runtime: SageMakerRuntimeClient): Omit<SageMaker, 'scale'> {
  return {
    ...makes(client),
    ...invokes(runtime),
    async endpoint(name) {
      const found = await unless(
        ['absent'],
        client.send(new DescribeEndpointCommand({ EndpointName: name })),
        `DescribeEndpoint ${name}`,
      )
      if (typeof found === 'string') return undefined
      const { EndpointStatus: status, EndpointConfigName: config = '', FailureReason: failure } = found
      const pending = found.PendingDeploymentSummary?.EndpointConfigName
      if (status === undefined || found.LastModifiedTime === undefined)
        throw new Error(`DescribeEndpoint ${name}: SageMaker answered without a status`)
      return {
        status,
        config,
        ...(pending === undefined ? {} : { pending }),
        ...(failure === undefined ? {} : { failure }),
        modified: found.LastModifiedTime.getTime(),
      }
    },

    async tags(name) {
      const { EndpointArn } = await client.send(new DescribeEndpointCommand({ EndpointName: name }))
      // An endpoint has at most 50 tags, which is one page.
      const { Tags = [] } = await client.send(new ListTagsCommand({ ResourceArn: EndpointArn, MaxResults: 50 }))
      return Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]))
    },

    async createEndpoint(name, config, tags) {
      const command = new CreateEndpointCommand({
        EndpointName: name,
        EndpointConfigName: config,
        Tags: tagList(tags),
      })
      // If it exists by now, somebody else created it: it has to be observed first.
      return sent(client.send(command), ['exists'], `CreateEndpoint ${name}`)
    },

    async updateEndpoint(name, config, guard) {
      const command = new UpdateEndpointCommand({
        EndpointName: name,
        EndpointConfigName: config,
        DeploymentConfig: deploymentConfig(guard),
        // Weights too, but there is only one variant. Data capture comes from the configuration (API reference, VariantProperty).
        RetainAllVariantProperties: guard.retainCapacity,
      })
      // If it does not exist any more, somebody deleted it: as above.
      return sent(client.send(command).catch(servedGone(name, config)), ['absent'], `UpdateEndpoint ${name}`)
    },
  }
}

interface ModelAnswer extends Error {
  readonly OriginalStatusCode: number
  readonly OriginalMessage: string
}

function invokes(runtime: SageMakerRuntimeClient): Pick<SageMaker, 'invoke'> {
  return {
    async invoke(endpoint, body) {
      const command = new InvokeEndpointCommand({
        EndpointName: endpoint,
        ContentType: 'application/json',
        Body: new TextEncoder().encode(body),
      })
      try {
        const answer = await runtime.send(command)
        return { status: answer.$metadata.httpStatusCode ?? 200, body: new TextDecoder().decode(answer.Body) }
      } catch (error) {
        // The container's own error response.
        const { name, message, OriginalStatusCode: status, OriginalMessage: said } = error as Partial<ModelAnswer>
        if (name !== 'ModelError' || status === undefined) throw error
        return { status, body: said ?? message ?? '' }
      }
    },
  }
}

type Makes = Pick<SageMaker, 'createModel' | 'createConfig' | 'deleteEndpoint' | 'deleteConfig' | 'deleteModel'>

function makes(client: SageMakerClient): Makes {
  return {
    async createModel(model) {
      const input = modelInput(model)
      const what = `CreateModel ${model.name}`
      if ((await unless(['exists'], client.send(new CreateModelCommand(input)), what)) !== 'exists') return
      const found = await client.send(new DescribeModelCommand({ ModelName: model.name }))
      sameOrRefused(what, input, found, ['PrimaryContainer', 'ExecutionRoleArn'])
    },

    async createConfig(config) {
      const input = configInput(config)
      const what = `CreateEndpointConfig ${config.name}`
      const met = await unless(['exists', 'no-model'], client.send(new CreateEndpointConfigCommand(input)), what)
      // It was just created, and SageMaker's reads may lag behind (API reference, CreateEndpoint): try again.
      if (met === 'no-model') throw new Error(`${what}: SageMaker does not know the model ${config.model} yet`)
      if (met !== 'exists') return
      const found = await client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: config.name }))
      sameOrRefused(what, input, found, ['ProductionVariants', 'DataCaptureConfig'])
    },

    async deleteEndpoint(name) {
      const command = new DeleteEndpointCommand({ EndpointName: name })
      const done = await unless(['absent', 'busy'], client.send(command), `DeleteEndpoint ${name}`)
      return typeof done === 'string' ? done : 'sent'
    },

    async deleteConfig(name) {
      const command = new DeleteEndpointConfigCommand({ EndpointConfigName: name })
      await unless(['no-config'], client.send(command), `DeleteEndpointConfig ${name}`)
    },

    async deleteModel(name) {
      await unless(['no-model'], client.send(new DeleteModelCommand({ ModelName: name })), `DeleteModel ${name}`)
    },
  }
}

/** SageMaker tells these cases apart only by the message of a ValidationException. */
const answers = {
  busy: /^Cannot update in-progress endpoint/,
  absent: /^Could not find endpoint "/,
  'no-config': /^Could not find endpoint configuration/,
  'no-model': /^Could not find model/,
  exists: /^Cannot create already existing/,
} as const
type Answer = keyof typeof answers

/**
 * The call's result, or which of the `expected` errors it got.
 *
 * @throws {Refused} `limit-exceeded`, or `sagemaker-refused` for other invalid requests
 * @throws other errors, such as throttling, as they are
 */
async function unless<T, A extends Answer>(expected: readonly A[], call: Promise<T>, what: string): Promise<T | A> {
  try {
    return await call
  } catch (error) {
    const { name, message } = error as Error
    if (name === 'ResourceLimitExceeded')
      throw new Refused(
        'limit-exceeded',
        `${what}: a SageMaker quota is reached: ${message}`,
        { found: message, advice: 'Request a higher quota in Service Quotas, or delete what is no longer needed.' },
        { cause: error },
      )
    if (name !== 'ValidationException') throw error
    const met = expected.find((each) => answers[each].test(message))
    if (met !== undefined) return met
    throw new Refused('sagemaker-refused', `${what}: ${message}`, { found: message }, { cause: error })
  }
}

/** @param races errors after which the endpoint has to be observed again, as if it were busy */
async function sent(call: Promise<unknown>, races: readonly Answer[], what: string): Promise<Sent> {
  const met = await unless(['busy', 'no-config', 'no-model', ...races], call, what)
  if (typeof met !== 'string') return 'sent'
  // A configuration whose model was deleted counts as missing: both are created again.
  return met === 'no-config' || met === 'no-model' ? 'no-config' : 'busy'
}

/**
 * An update also needs the configuration that serves. If somebody deleted that one, SageMaker's error names it (hashicorp/terraform-provider-aws#40048 and #49020).
 */
function servedGone(endpoint: string, config: string) {
  return (cause: Error): never => {
    const [, gone = config] = /^Could not find endpoint configuration "[^"]*\/([^"/]+)"/.exec(cause.message) ?? []
    if (gone.toLowerCase() === config.toLowerCase()) throw cause
    const detail = {
      subject: endpoint,
      expected: `the endpoint configuration ${gone}, which the endpoint serves`,
      found: cause.message,
      advice: 'Create that configuration again as it was, or delete the endpoint, which is then created again.',
    }
    const what = `UpdateEndpoint ${endpoint}: the configuration ${gone} that it serves was deleted, and SageMaker updates no endpoint without`
    throw new Refused('sagemaker-refused', what, detail, { cause })
  }
}

/** @throws {Refused} `name-taken` if the existing one differs from the wanted one */
function sameOrRefused<I extends object>(what: string, asked: I, found: object, members: readonly (keyof I)[]): void {
  const other = members.find((member) => !holds((found as Partial<I>)[member], asked[member]))
  if (other === undefined) return
  throw new Refused('name-taken', `${what}: a different one of this name exists: its ${String(other)} differs`, {
    expected: JSON.stringify(asked[other]),
    found: JSON.stringify((found as Partial<I>)[other]),
    advice: 'Delete it, or give it another name.',
  })
}

/** Whether `found` has everything in `asked`; SageMaker adds defaults. */
function holds(found: unknown, asked: unknown): boolean {
  if (asked === undefined) return found === undefined
  if (typeof asked !== 'object' || asked === null) return found === asked
  if (typeof found !== 'object' || found === null) return Object.keys(asked).length === 0
  if (Array.isArray(asked) && (!Array.isArray(found) || found.length !== asked.length)) return false
  return Object.entries(asked).every(([key, value]) => holds((found as Record<string, unknown>)[key], value))
}
