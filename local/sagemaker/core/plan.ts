import { invalid } from './errors.ts'
import type { DeploymentInput, Size } from './requests.ts'

/**
 * How traffic moves to a new fleet (SageMaker developer guide, "Deployment guardrails"): blue/green by canary, linear or
 * all at once, or rolling.
 */
export interface Plan {
  readonly kind: 'blue-green' | 'rolling'
  readonly steps: readonly Step[]
  /** For how long both fleets stay up once all traffic is on the new one. */
  readonly finalBake: number
  /** After this the update is rolled back. Not scaled, since starting a container really takes its time. */
  readonly timeout: number
  /** Names of the CloudWatch alarms that roll it back. */
  readonly alarms: readonly string[]
}

interface Step {
  /** Percentage of the traffic that the new fleet gets in this step. */
  readonly percent: number
  /** Until the next step. */
  readonly wait: number
}

const LONGEST_UPDATE = 28_800
/** SageMaker's default without a policy. */
const ALL_AT_ONCE: readonly Step[] = [{ percent: 100, wait: 0 }]

/**
 * @param instances of the new fleet
 * @param scale of the waits: with 0.01 a second takes ten milliseconds
 * @throws {ServiceError}
 */
export function planOf(given: DeploymentInput | undefined, instances: number, scale: number): Plan {
  const { BlueGreenUpdatePolicy: blueGreen, RollingUpdatePolicy: rolling } = given ?? {}
  if (blueGreen !== undefined && rolling !== undefined)
    throw invalid('You can specify only one of BlueGreenUpdatePolicy and RollingUpdatePolicy in a DeploymentConfig.')
  const alarms = (given?.AutoRollbackConfiguration?.Alarms ?? []).map(({ AlarmName }) => AlarmName)
  const ms = (seconds: number): number => seconds * 1000 * scale
  const policy = rolling ?? blueGreen
  const bake = blueGreen?.TerminationWaitInSeconds ?? 0
  const timeout = policy?.MaximumExecutionTimeoutInSeconds ?? LONGEST_UPDATE
  const steps = rolling === undefined ? shifts(blueGreen, instances) : batches(rolling, instances)
  const waits = steps.reduce((sum, { wait }) => sum + wait, bake)
  if (policy?.MaximumExecutionTimeoutInSeconds !== undefined && timeout <= waits)
    throw invalid(
      `MaximumExecutionTimeoutInSeconds (${timeout}) must be greater than the total of all wait intervals (${waits}).`,
    )
  return {
    kind: rolling === undefined ? 'blue-green' : 'rolling',
    steps: steps.map(({ percent, wait }) => ({ percent, wait: ms(wait) })),
    finalBake: ms(bake),
    timeout: timeout * 1000,
    alarms,
  }
}

type BlueGreen = NonNullable<DeploymentInput['BlueGreenUpdatePolicy']>
type Rolling = NonNullable<DeploymentInput['RollingUpdatePolicy']>

/** Waits in seconds. All at once has no interval: its bake is the termination wait. */
function shifts(policy: BlueGreen | undefined, instances: number): readonly Step[] {
  if (policy === undefined) return ALL_AT_ONCE
  const {
    Type: type,
    WaitIntervalInSeconds: wait,
    CanarySize: canary,
    LinearStepSize: linear,
  } = policy.TrafficRoutingConfiguration
  if (canary !== undefined && type !== 'CANARY')
    throw invalid(`CanarySize is not allowed with traffic routing ${type}.`)
  if (linear !== undefined && type !== 'LINEAR')
    throw invalid(`LinearStepSize is not allowed with traffic routing ${type}.`)
  if (type === 'ALL_AT_ONCE') return ALL_AT_ONCE
  if (type === 'LINEAR') return growing(percentOf('LinearStepSize', linear, instances, 10), wait)
  const percent = percentOf('CanarySize', canary, instances, 0)
  return [
    { percent, wait },
    { percent: 100, wait: 0 },
  ]
}

/** The alarms are watched after each batch, including the last. */
function batches(policy: Rolling, instances: number): readonly Step[] {
  const { MaximumBatchSize: size, RollbackMaximumBatchSize: back, WaitIntervalInSeconds: wait } = policy
  if (back !== undefined) percentOf('RollbackMaximumBatchSize', back, instances, 5, 100)
  const steps = growing(percentOf('MaximumBatchSize', size, instances, 5), wait)
  return steps.map(({ percent }) => ({ percent, wait }))
}

function growing(size: number, wait: number): readonly Step[] {
  const count = Math.ceil(100 / size - 1e-9)
  return Array.from({ length: count }, (_, i) =>
    i === count - 1 ? { percent: 100, wait: 0 } : { percent: size * (i + 1), wait },
  )
}

function percentOf(what: string, size: Size | undefined, instances: number, least: number, most = 50): number {
  if (size === undefined) throw invalid(`${what} is required for this policy.`)
  const percent = size.Type === 'CAPACITY_PERCENT' ? size.Value : (size.Value / instances) * 100
  if (percent < least || percent > most)
    throw invalid(
      `${what} must be ${least === 0 ? 'at most' : `between ${least}% and`} ${most}% of the capacity, which is ` +
        `${instances} instances: found ${size.Value} (${size.Type}).`,
    )
  return percent
}
