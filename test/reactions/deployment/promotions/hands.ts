import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs'
import { GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import {
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  UpdateEndpointCommand,
} from '@aws-sdk/client-sagemaker'
import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs'
import { lambda, sagemaker as sagemakerClient, sqs } from '../../../../src/aws/clients.ts'
import { names } from '../../../../src/lake/resource-names.ts'
import { type DeploymentState, parseState } from '../../../../src/reactions/deployment/state.ts'
import { BUCKET, called, eventually, type Name, type Promotions } from './lake.ts'

const endpointOf = (name: Name): string => `promotions-${name}`

/** What a test can do with the models and endpoints of the lake, and read of them. */
export function handsOn({ deployed, mlflow, models, sagemaker, containers, lake, landfall }: Promotions) {
  const clients = { sagemaker: sagemakerClient(), sqs: sqs(), logs: new CloudWatchLogsClient(), lambda: lambda() }
  const { queue, fn } = names(lake)
  let made = 0

  async function describe(name: Name) {
    const found = await clients.sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpointOf(name) }))
    return { status: found.EndpointStatus, config: found.EndpointConfigName ?? '', reason: found.FailureReason }
  }
  const versionIn = (config: string): string | undefined => /-v(\d+)-[0-9a-f]{8}$/.exec(config)?.[1]

  /** The state of the deployment, once no run is in progress and `isSo` accepts the state. */
  async function settled(
    name: Name,
    what: string,
    isSo: (state: DeploymentState) => boolean,
  ): Promise<DeploymentState> {
    let seen: unknown
    const since = Date.now()
    return eventually(
      `${endpointOf(name)}: ${what}`,
      async () => {
        const cursor = await deployed.endpoint(endpointOf(name))
        seen = cursor
        const state = parseState(cursor.state)
        return cursor.run === undefined && isSo(state) ? state : undefined
      },
      async () => [
        seen,
        (await logged('deployment', since - 5_000)).filter((line) => line.includes(endpointOf(name))).slice(-20),
      ],
    )
  }

  return {
    /** A version with only the artifacts that a deployment reads, since logging a real model takes seconds. */
    async version(name: Name): Promise<{ readonly version: string; readonly artifacts: string }> {
      made += 1
      const folder = `mlflow/made/${made}`
      const files = { MLmodel: 'mlflow_version: 3.17.2\nflavors:\n  python_function: {}\n', 'model.pkl': `${made}` }
      for (const [file, Body] of Object.entries(files))
        await deployed.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${folder}/${file}`, Body }))
      return models.version(called[name], `s3://${BUCKET}/${folder}`)
    },

    /** A version that does not start, or whose responses are useless. */
    async broken(name: Name, fault: 'start' | 'answer'): Promise<string> {
      const { version, artifacts } = await this.version(name)
      containers.breaks(artifacts, fault)
      return version
    },

    promote: (name: Name, version: string) => models.alias(called[name], 'champion', version),

    /** Promotes the versions one after the other, some milliseconds apart. */
    async promoteAtOnce(name: Name, versions: readonly string[]): Promise<void> {
      for (const version of versions) {
        const body = JSON.stringify({ name: called[name], alias: 'champion', version })
        const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
        const answer = await fetch(`${mlflow.host}/api/2.0/mlflow/registered-models/alias`, sent)
        if (!answer.ok) throw new Error(`MLflow answers ${answer.status}: ${await answer.text()}`)
      }
    },

    /** Waits until the endpoint serves the version and no run is in progress; returns the name of its configuration. */
    async serves(name: Name, version: string): Promise<string> {
      const serving = ({ deployments }: DeploymentState) => deployments[0]?.version === version
      let seen: Awaited<ReturnType<typeof describe>> | undefined
      return eventually(
        `${endpointOf(name)} to serve version ${version}`,
        async () => {
          await settled(name, `version ${version}`, serving)
          // It may be recorded as serving and yet have been taken out of service since.
          seen = await describe(name)
          return seen.status === 'InService' && versionIn(seen.config) === version ? seen.config : undefined
        },
        async () => seen,
      )
    },

    /** Waits until the failure of the version is recorded, after the previous version serves again. */
    failed: (name: Name, version: string) =>
      settled(name, `version ${version} failed`, ({ failed }) => failed?.version === version),

    refused: (name: Name, code: string) =>
      eventually(`${endpointOf(name)} to be refused`, async () => {
        const { refusal } = await deployed.endpoint(endpointOf(name))
        return refusal?.code === code ? refusal : undefined
      }),

    /** The version in SageMaker's current description of the endpoint, without waiting. */
    serving: async (name: Name) => versionIn((await describe(name)).config),

    /** Waits until the endpoint is in service with this configuration or version, or until it is gone if `wanted` is undefined. */
    async standing(name: Name, wanted: string | undefined): Promise<void> {
      await eventually(`${endpointOf(name)} to serve ${wanted ?? 'nothing'}`, async () => {
        const found = await describe(name).catch((error: Error) => {
          if (error.name !== 'ValidationException') throw error
          return undefined
        })
        if (found === undefined || wanted === undefined)
          return found === undefined && wanted === undefined ? true : undefined
        return found.status === 'InService' && [found.config, versionIn(found.config)].includes(wanted)
          ? true
          : undefined
      })
    },

    /** The image and data of the model that the endpoint serves. */
    async container(name: Name) {
      const EndpointConfigName = (await describe(name)).config
      const config = await clients.sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName }))
      const ModelName = config.ProductionVariants?.[0]?.ModelName
      const model = await clients.sagemaker.send(new DescribeModelCommand({ ModelName }))
      return {
        image: model.PrimaryContainer?.Image,
        data: model.PrimaryContainer?.ModelDataUrl ?? model.PrimaryContainer?.ModelDataSource?.S3DataSource?.S3Uri,
      }
    },

    /** Waits until the version's tags in MLflow have this status and reason. */
    async told(name: Name, version: string, status: string, reason = ''): Promise<void> {
      let seen: Readonly<Record<string, string>> = {}
      const tag = (key: string) => seen[`landfall.${endpointOf(name)}.${key}`] ?? ''
      await eventually(
        `version ${version} to be tagged ${status}`,
        async () => {
          seen = await models.tags(called[name], version)
          const isSaid = reason === '' ? tag('reason') === '' : tag('reason').includes(reason)
          return tag('status') === status && isSaid ? true : undefined
        },
        async () => seen,
      )
    },

    /** SageMaker's calls during `work` that changed endpoints. */
    async counting(work: () => Promise<unknown>): Promise<string[]> {
      const from = sagemaker.calls.length
      await work()
      return sagemaker.calls.slice(from).filter((call) => /^(Create|Update|Delete)Endpoint$/.test(call))
    },

    /** Changes to the endpoint by hand. */
    remove: (name: Name) => clients.sagemaker.send(new DeleteEndpointCommand({ EndpointName: endpointOf(name) })),
    put: (name: Name, config: string) =>
      clients.sagemaker.send(new UpdateEndpointCommand({ EndpointName: endpointOf(name), EndpointConfigName: config })),

    /** Runs `work` while the deployment reaction is paused. */
    async paused(work: () => Promise<void>): Promise<void> {
      const asked = async (command: string) => {
        const { code, err } = await landfall(command, 'deployment')
        if (code !== 0) throw new Error(`landfall ${command} exits with ${code}: ${err}`)
      }
      await asked('pause')
      try {
        await work()
      } finally {
        await asked('resume')
      }
    },

    /** The number of messages in the deployment queue: waiting, delayed or in flight. */
    async waiting(): Promise<number> {
      const { waiting, inFlight, delayed } = await depth()
      return waiting + inFlight + delayed
    },

    /** Runs `work` and waits until the deployment function has observed the endpoint and found nothing to do. */
    async findsNothing(name: Name, work: () => Promise<unknown>): Promise<void> {
      await this.quiet()
      const since = Date.now()
      await work()
      await eventually(`an observation of ${endpointOf(name)}`, async () => {
        const lines = await logged('deployment', since)
        return lines.some((line) => line.includes('"nothing to do"') && line.includes(`"endpoint/${endpointOf(name)}"`))
          ? true
          : undefined
      })
    },

    /** Waits until MLflow has delivered all webhooks and the deployment queue is empty. */
    async quiet(): Promise<void> {
      let before = ''
      let since = Date.now()
      await eventually(
        'quiet',
        async () => {
          const { waiting, inFlight } = await depth()
          const now = JSON.stringify([waiting, inFlight, await this.calls('webhook', 0)])
          if (now !== before || waiting + inFlight > 0) [before, since] = [now, Date.now()]
          return Date.now() - since > 700 ? true : undefined
        },
        async () => before,
      )
    },

    /** Makes the webhook function start anew, with nothing in memory, as after a while without deliveries. */
    async forgets(): Promise<void> {
      const FunctionName = fn('webhook')
      const { Timeout = 0 } = await clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))
      // The emulator starts new containers only if the configuration of the function changes.
      await clients.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: Timeout + 1 }))
    },

    /** How often a function was invoked since then, by its log. */
    async calls(name: 'deployment' | 'webhook', since: number): Promise<number> {
      return (await logged(name, since)).filter((line) => line.startsWith('START RequestId')).length
    },

    /** Runs `landfall sweep`, which waits until all endpoints have been observed. */
    async sweep(): Promise<string> {
      const { code, out, err } = await landfall('sweep')
      if (code !== 0) throw new Error(`landfall sweep exits with ${code}:\n${out}\n${err}`)
      return out
    },

    close(): void {
      for (const client of Object.values(clients)) client.destroy()
    },
  }

  async function depth() {
    const { QueueUrl } = await clients.sqs.send(new GetQueueUrlCommand({ QueueName: queue('deployment') }))
    const { Attributes = {} } = await clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    )
    const count = (kind: string) =>
      Number(Attributes[`ApproximateNumberOfMessages${kind}` as 'ApproximateNumberOfMessages'] ?? 0)
    return { waiting: count(''), inFlight: count('NotVisible'), delayed: count('Delayed') }
  }

  async function logged(name: string, startTime: number): Promise<string[]> {
    const lines: string[] = []
    const pages = paginateFilterLogEvents(
      { client: clients.logs },
      { logGroupName: `/aws/lambda/${fn(name)}`, startTime },
    )
    for await (const { events = [] } of pages) lines.push(...events.map(({ message = '' }) => message))
    return lines
  }
}
