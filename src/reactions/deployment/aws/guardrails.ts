import type { DeploymentConfig } from '@aws-sdk/client-sagemaker'
import type { Guard } from '../ports.ts'

/** Seconds: the range of MaximumExecutionTimeoutInSeconds (API reference, UpdateEndpoint). */
const [SHORTEST, LONGEST] = [600, 28_800]
/** Seconds that a fleet may take to be provisioned and to start, beyond all waits. */
const FOR_A_FLEET = 3600

type Rollout = NonNullable<Guard['rollout']>

/** DeploymentConfig of an update; `undefined` for serverless. */
export function deploymentConfig({ rollout, alarms }: Guard): DeploymentConfig | undefined {
  if (rollout === undefined) return undefined
  return {
    ...policy(rollout),
    AutoRollbackConfiguration:
      alarms.length === 0 ? undefined : { Alarms: alarms.map((name) => ({ AlarmName: name })) },
  }
}

function policy({ kind, percent = 100, bake }: Rollout): DeploymentConfig {
  const wait = Math.round(bake / 1000)
  const size = { Type: 'CAPACITY_PERCENT', Value: percent } as const
  const steps = Math.ceil(100 / percent)
  if (kind === 'rolling')
    return {
      RollingUpdatePolicy: {
        MaximumBatchSize: size,
        WaitIntervalInSeconds: wait,
        // Each batch is provisioned separately.
        MaximumExecutionTimeoutInSeconds: longest(steps * (wait + FOR_A_FLEET / 2)),
      },
    }
  const routing = {
    'all-at-once': { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 0 },
    canary: { Type: 'CANARY', WaitIntervalInSeconds: wait, CanarySize: size },
    linear: { Type: 'LINEAR', WaitIntervalInSeconds: wait, LinearStepSize: size },
  } as const
  const waits = kind === 'linear' ? steps : kind === 'canary' ? 2 : 1
  return {
    BlueGreenUpdatePolicy: {
      TrafficRoutingConfiguration: routing[kind],
      TerminationWaitInSeconds: wait,
      MaximumExecutionTimeoutInSeconds: longest(waits * wait + FOR_A_FLEET),
    },
  }
}

function longest(seconds: number): number {
  return Math.min(Math.max(seconds, SHORTEST), LONGEST)
}
