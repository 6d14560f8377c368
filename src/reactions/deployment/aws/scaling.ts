import {
  type ApplicationAutoScalingClient,
  DeregisterScalableTargetCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling'
import { Refused } from '../../../core/refused.ts'
import type { Instances } from '../settings.ts'
import { type SageMaker, VARIANT } from '../ports.ts'

/** Sets autoscaling of an endpoint's variant with Application Auto Scaling. Errors other than quotas are temporary: the endpoint may be busy. */
export function endpointScaling(client: ApplicationAutoScalingClient): Pick<SageMaker, 'scale'> {
  return {
    async scale(endpoint, { min, max, invocations }) {
      const target = {
        ServiceNamespace: 'sagemaker',
        ResourceId: `endpoint/${endpoint}/variant/${VARIANT}`,
        ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
      } as const
      if (min === max) {
        await client.send(new DeregisterScalableTargetCommand(target)).catch((error: Error) => {
          if (error.name !== 'ObjectNotFoundException') throw error
        })
        return
      }
      try {
        await client.send(new RegisterScalableTargetCommand({ ...target, MinCapacity: min, MaxCapacity: max }))
        if (invocations !== undefined) await client.send(new PutScalingPolicyCommand(tracking(target, invocations)))
      } catch (error) {
        const { name, message } = error as Error
        if (name !== 'LimitExceededException') throw error
        throw new Refused(
          'limit-exceeded',
          `scaling ${endpoint}: a quota of Application Auto Scaling is reached: ${message}`,
          { found: message, advice: 'Request a higher quota in Service Quotas.' },
          { cause: error },
        )
      }
    },
  }
}

type Target = Pick<
  ConstructorParameters<typeof PutScalingPolicyCommand>[0],
  'ServiceNamespace' | 'ResourceId' | 'ScalableDimension'
>

/** One policy of this name per target: putting it again updates it. */
function tracking(
  target: Target,
  invocations: NonNullable<Instances['invocations']>,
): ConstructorParameters<typeof PutScalingPolicyCommand>[0] {
  return {
    ...target,
    PolicyName: 'landfall-invocations',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: invocations,
      PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
    },
  }
}
