import { sha256 } from '../../src/node/sha256.ts'
import { reactionQueue } from '../../src/lambda/reaction-queue.ts'
import { parser } from '../../src/reactions/deployment/messages.ts'
import type { Lake, Location } from '../../src/lake/lake.ts'
import { deploymentReaction } from '../../src/reactions/deployment/reaction.ts'
import { type DeploymentState, parseState, serializeState } from '../../src/reactions/deployment/state.ts'
import { modelOf } from './model-builder.ts'
import { alarmsTwin } from '../reactions/deployment/alarms.twin.ts'
import { artifactsTwin } from '../reactions/deployment/artifacts.twin.ts'
import { memoryBus } from '../core/bus.twin.ts'
import { notedQueue, quietContext, sqsEvent } from '../lambda/function.twin.ts'
import { imagesTwin } from '../reactions/deployment/images.twin.ts'
import { memoryLedger } from '../core/ledger.twin.ts'
import { registryTwin } from '../registry/registry.twin.ts'
import { NO_PING, sagemakerTwin } from '../reactions/deployment/sagemaker.twin.ts'
import { memoryShell } from '../core/shell.twin.ts'
import { faulty, type Weather } from './faults.ts'
import { outcome } from './lake-world.ts'

/** How a version behaves once it is deployed. `scarce`: AWS has no instances for it at first. */
export type Fate = 'good' | 'no-ping' | 'alarming' | 'nonsense' | 'scarce'

const MINUTE = 60_000
const subject = 'endpoint/delay'
const ARTIFACTS: Location = { bucket: 'models', prefix: 'mlflow' }
const STACK = 'landfall-test-prod'
const NO_CAPACITY =
  'Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry using a different ML instance type or after some time.'

export type DeploymentWorld = ReturnType<typeof deploymentWorld>

/**
 * A registry, an endpoint, and the code of the Lambda function between them, with a queue that delivers at least once and in
 * any order. Time is `clock.now`.
 */
export function deploymentWorld(over: Parameters<typeof modelOf>[0] = {}) {
  const clock = { now: 1_700_000_000_000 }
  const now = () => ++clock.now
  const model = modelOf({
    ...over,
    endpoint: {
      ...over.endpoint,
      smoke: { request: { dataframe_records: [{ distance: 1 }] }, expect: { predictions: ['number'] } },
    },
  })
  const lake: Lake = {
    name: 'test',
    stage: 'prod',
    buckets: {},
    tables: {},
    models: { delay: model },
    registries: { main: { kind: 'mlflow', host: 'https://mlflow.test', secret: 's', artifacts: ARTIFACTS } },
  }
  const fates = new Map<string, Fate>()
  const fateOf = (config: string): Fate => fates.get(/-v(\d+)-/.exec(config)?.[1] ?? '') ?? 'good'
  const scarce = new Set<string>()
  /** Configurations that an endpoint was created with, without alarms and without anything to roll back to. */
  const created = new Set<string>()
  const [registry, artifacts, images, alarms] = [registryTwin(ARTIFACTS), artifactsTwin(), imagesTwin(), alarmsTwin()]
  const [ledger, bus, context] = [memoryLedger(), memoryBus(), quietContext(now)]
  /** Waiting messages. Failed ones return to it. */
  let queue: unknown[] = []
  let later: { readonly wake: unknown; readonly at: number }[] = []
  let deliver: () => number = () => 1
  const sagemaker = sagemakerTwin({
    now: () => clock.now,
    durations: { provision: 4 * MINUTE, rollback: MINUTE, delete: MINUTE },
    launch({ config }) {
      const name = config.input.EndpointConfigName
      if (fateOf(name) === 'no-ping') return { kind: 'failed', reason: NO_PING }
      if (fateOf(name) !== 'scarce' || scarce.has(name)) return { kind: 'healthy' }
      scarce.add(name)
      return { kind: 'failed', reason: NO_CAPACITY }
    },
    answer: ({ config }) => ({
      status: 200,
      body:
        fateOf(config.input.EndpointConfigName) === 'nonsense'
          ? '{"predictions": ["late"]}'
          : '{"predictions": [12.5]}',
    }),
    onEvent: (event) => {
      if (event.detail.EndpointStatus === 'CREATING') created.add(String(event.detail.EndpointConfigName))
      for (let i = deliver(); i > 0; i--) queue.push(event)
    },
  })

  /** Moves delayed messages that are due into the queue. */
  function due(): void {
    for (const { wake, at } of later) if (at <= clock.now) queue.push(wake)
    later = later.filter(({ at }) => at > clock.now)
  }

  /** As CloudWatch does: fires the alarms of a fleet with bad responses. */
  function ring(): void {
    for (const { name, config } of alarms.there.values())
      if (fateOf(config) === 'alarming') sagemaker.alarm(name, 'ALARM')
  }

  /** Takes messages from the queue by position and runs the function on them; failed ones return. */
  async function run(positions: readonly number[], { fault, pause }: Weather): Promise<void> {
    ring()
    due()
    const taken = [...new Set(positions.map((at) => at % Math.max(1, queue.length)))]
    const bodies = taken.map((at) => queue[at]).filter((body) => body !== undefined)
    queue = queue.filter((_, at) => !taken.includes(at))
    if (bodies.length === 0) return
    const wrap = faulty(fault, pause)
    const reaction = deploymentReaction({
      lake: lake.name,
      stack: STACK,
      models: lake.models,
      registryOf: () => wrap(registry),
      roleOf: () => 'arn:aws:iam::123456789012:role/model',
      sagemaker: wrap(sagemaker),
      artifacts: wrap(artifacts),
      images: wrap(images),
      alarms: wrap(alarms),
      digest: sha256,
      now,
    })
    const shell = {
      ...memoryShell({ lake: lake.name, ledger: wrap(ledger), bus: wrap(bus), now }),
      wakeLater: async (wake: unknown, delay: number) => void later.push({ wake, at: clock.now + delay }),
    }
    const work = reactionQueue(reaction, shell, notedQueue(), context, async () => parser(lake))
    const failed = await outcome(work, sqsEvent(bodies))
    queue.push(...bodies.filter((_, i) => failed.has(String(i))))
    ring()
  }

  const cursor = () => ledger.cursor({ subject, reaction: 'deployment' })
  const state = async () => parseState((await cursor()).state)

  return {
    clock,
    fates,
    /** Whether a version that got into service may stay there. */
    mayStay: (config: string) =>
      /good|scarce/.test(fateOf(config)) || (fateOf(config) === 'alarming' && created.has(config)),
    registry,
    sagemaker,
    artifacts,
    images,
    alarms,
    bus,
    ledger,
    model,
    run,
    cursor,
    state,
    waiting: () => (due(), queue.length),
    /** Sets how often each of SageMaker's events is delivered. */
    events(times: () => number): void {
      deliver = times
    },
    /** Queues a wake-up as a webhook does, or with `full` as the sweep does. */
    wake: (full = false) => void queue.push(full ? { subject, full } : { subject }),
    /** Registers a version with artifacts. */
    async register(fate: Fate): Promise<string> {
      const version = registry.register(model.registered)
      artifacts.log(await registry.artifacts(model.registered, version))
      fates.set(version, fate)
      return version
    },
    promote: (version: string) => registry.alias(model.registered, 'champion', version),
    promoted: () => registry.promoted(model.registered, model.promote),
    /** Writes the state as `landfall rollback` does. */
    async hold(change: (state: DeploymentState) => DeploymentState): Promise<void> {
      const found = await cursor()
      await ledger.save({ ...found, state: serializeState(change(parseState(found.state))) })
    },
  }
}
