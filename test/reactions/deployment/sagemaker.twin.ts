import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling'
import type { SageMakerClient } from '@aws-sdk/client-sagemaker'
import type { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime'
import type { Launch } from '../../../local/sagemaker/core/machine.ts'
import { ScalingCore } from '../../../local/sagemaker/core/scaling.ts'
import { type CoreOptions, SageMakerCore } from '../../../local/sagemaker/core/service.ts'
import type { Fleet } from '../../../local/sagemaker/core/state.ts'
import type { EndpointEvent } from '../../../local/sagemaker/core/views.ts'
import { noPing } from '../../../local/sagemaker/faults.ts'
import { endpointScaling } from '../../../src/reactions/deployment/aws/scaling.ts'
import { sagemakerEndpoints } from '../../../src/reactions/deployment/aws/sagemaker.ts'
import type { SageMaker } from '../../../src/reactions/deployment/ports.ts'

/** The response of a model's container. */
type Answer = (fleet: Fleet, body: string) => { readonly status: number; readonly body: string }

/** SageMaker's reason for a container that did not start. */
export const NO_PING = noPing('AllTraffic')

export interface TwinOptions extends Partial<Omit<CoreOptions, 'now' | 'retire' | 'alarmState'>> {
  now(): number
  /** Default: 200 with the name of the fleet's configuration as the only prediction. */
  readonly answer?: Answer
}

/**
 * SageMaker in memory: our adapter on the state machine of the stand-in's server, without the SDK's clients
 * and HTTP. `now` gives the time.
 */
export interface SageMakerTwin extends SageMaker {
  /** The state machine, for tests that need more than the port offers. */
  readonly core: SageMakerCore
  /** The operations called, oldest first. */
  readonly calls: string[]
  /** The events sent to EventBridge, oldest first. */
  readonly events: EndpointEvent[]
  /** Names of models, endpoint configurations and endpoints that exist, sorted. */
  exists(): { readonly models: string[]; readonly configs: string[]; readonly endpoints: string[] }
  /** The share of traffic of each configuration, in percent; `undefined` if the endpoint serves nothing. */
  serves(endpoint: string): Readonly<Record<string, number>> | undefined
  /** A call by another person: `byHand('DeleteEndpoint', { EndpointName: 'delay' })`. */
  byHand(operation: string, input: object): object
  /** The next `times` containers do not start; with `config`, only those of this configuration. */
  failLaunches(times: number, config?: string, reason?: string): void
  /** Sets an alarm's state, from now on. */
  alarm(name: string, state: 'OK' | 'ALARM'): void
  /** The next `times` calls (with `operation`, only those) throw `error` and have no effect. */
  failCalls(times: number, error: Error, operation?: string): void
  /** Whether updates cannot be rolled back. */
  rollbackFails: boolean
  answer: Answer
  /** The limits of an endpoint in Application Auto Scaling. */
  scaled(endpoint: string): { readonly min: number; readonly max: number } | undefined
}

export function sagemakerTwin(options: TwinOptions): SageMakerTwin {
  const calls: string[] = []
  const events: EndpointEvent[] = []
  const alarms = new Map<string, 'OK' | 'ALARM'>()
  let failing: { left: number; readonly config: string | undefined; readonly reason: string } | undefined
  let throwing: { left: number; readonly error: Error; readonly operation: string | undefined } | undefined
  const launch = (fleet: Fleet): Launch => {
    const given = options.launch?.(fleet)
    if (given !== undefined && given.kind !== 'healthy') return given
    const isTheirs = failing?.config === undefined || failing.config === fleet.config.input.EndpointConfigName
    if (failing === undefined || failing.left === 0 || !isTheirs) return { kind: 'healthy' }
    failing.left -= 1
    return { kind: 'failed', reason: failing.reason }
  }
  const { answer, ...rest } = options
  const core = new SageMakerCore({
    ...rest,
    launch,
    retire: () => undefined,
    alarmState: (name) => alarms.get(name) ?? 'OK',
    rollbackFails: () => twin.rollbackFails,
    isScaled: (endpoint, variant) => scaling.has(endpoint, variant),
    onEvent(event) {
      events.push(event)
      options.onEvent?.(event)
    },
  })
  const scaling = new ScalingCore({
    now: () => options.now(),
    endpoint: (name) => (core.advance(), core.endpoints.get(name)),
  })
  const note = (operation: string): void => {
    calls.push(operation)
    if (throwing === undefined || throwing.left === 0 || (throwing.operation ?? operation) !== operation) return
    throwing.left -= 1
    throw throwing.error
  }
  const client = (carryOut: (operation: string, input: object) => object): unknown => ({
    send: async (command: { readonly input: object; readonly constructor: { readonly name: string } }) => {
      const operation = command.constructor.name.replace(/Command$/, '')
      note(operation)
      return structuredClone(carryOut(operation, withoutUndefined(command.input)))
    },
  })
  const invoke = (input: object): object => {
    const { EndpointName: name, Body: body } = input as { EndpointName: string; Body: Uint8Array }
    const [fleet] = core.serving(name)
    if (fleet === undefined) throw new Error(`endpoint ${name} serves nothing`)
    const answered = twin.answer(fleet, new TextDecoder().decode(body))
    const { status } = answered
    if (status < 400) return { $metadata: { httpStatusCode: 200 }, Body: new TextEncoder().encode(answered.body) }
    const message = `Received server error (${status}) from primary with message "${answered.body}".`
    throw Object.assign(new Error(message), {
      name: 'ModelError',
      OriginalStatusCode: status,
      OriginalMessage: answered.body,
    })
  }
  const twin: SageMakerTwin = {
    ...sagemakerEndpoints(
      client((operation, input) => core.call(operation, input)) as SageMakerClient,
      client((_, input) => invoke(input)) as SageMakerRuntimeClient,
    ),
    ...endpointScaling(client((operation, input) => scaling.call(operation, input)) as ApplicationAutoScalingClient),
    core,
    calls,
    events,
    rollbackFails: false,
    answer: answer ?? defaultAnswer,
    exists: () => ({
      models: [...(core.advance(), core.models).keys()].sort(),
      configs: [...core.configs.keys()].sort(),
      endpoints: [...core.endpoints.keys()].sort(),
    }),
    serves: (name) => trafficOf(core, name),
    byHand: (operation, input) => core.call(operation, input),
    failLaunches(times, config, reason = NO_PING) {
      failing = { left: times, config, reason }
    },
    alarm(name, state) {
      // What is due happens first, with the previous state of the alarm.
      core.advance()
      alarms.set(name, state)
    },
    failCalls(times, error, operation) {
      throwing = { left: times, error, operation }
    },
    scaled(endpoint) {
      const ids = [`endpoint/${endpoint}/variant/AllTraffic`]
      const found = scaling.call('DescribeScalableTargets', { ServiceNamespace: 'sagemaker', ResourceIds: ids })
      const [target] = (found as { ScalableTargets: { MinCapacity: number; MaxCapacity: number }[] }).ScalableTargets
      return target && { min: target.MinCapacity, max: target.MaxCapacity }
    },
  }
  return twin
}

const defaultAnswer: Answer = ({ config }) => ({
  status: 200,
  body: JSON.stringify({ predictions: [config.input.EndpointConfigName] }),
})

function trafficOf(core: SageMakerCore, name: string): Record<string, number> | undefined {
  try {
    const shares: Record<string, number> = {}
    for (const { config, traffic } of core.serving(name)) {
      const key = config.input.EndpointConfigName
      shares[key] = (shares[key] ?? 0) + traffic
    }
    return shares
  } catch (error) {
    if ((error as Error).name === 'ValidationError') return undefined
    throw error
  }
}

/** As it would go over the wire. */
function withoutUndefined<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map((each: unknown) => withoutUndefined(each)) as T
  const kept = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutUndefined(each)])) as T
}
