import { z } from 'zod'
import { invalid, ServiceError } from './errors.ts'
import { parse } from './requests.ts'
import type { StoredEndpoint } from './state.ts'

const DIMENSION = 'sagemaker:variant:DesiredInstanceCount'
const id = z.string().min(1).max(1600)
const namespace = z.literal('sagemaker')
const dimension = z.literal(DIMENSION)
const target = z.strictObject({ ServiceNamespace: namespace, ResourceId: id, ScalableDimension: dimension })

const register = target.extend({
  MinCapacity: z.int().min(0).optional(),
  MaxCapacity: z.int().min(0).optional(),
  RoleARN: id.optional(),
})
const policyName = z.string().min(1).max(256)
const put = target.extend({
  PolicyName: policyName,
  PolicyType: z.literal('TargetTrackingScaling'),
  TargetTrackingScalingPolicyConfiguration: z.strictObject({
    TargetValue: z.number().positive(),
    PredefinedMetricSpecification: z.strictObject({
      PredefinedMetricType: z.literal('SageMakerVariantInvocationsPerInstance'),
    }),
    ScaleOutCooldown: z.int().min(0).optional(),
    ScaleInCooldown: z.int().min(0).optional(),
    DisableScaleIn: z.boolean().optional(),
  }),
})
const describe = z.strictObject({
  ServiceNamespace: namespace,
  ScalableDimension: dimension.optional(),
  MaxResults: z.int().min(1).max(50).optional(),
  NextToken: z.string().optional(),
})
const targets = describe.extend({ ResourceIds: z.array(id).max(50).optional() })
const policies = describe.extend({ ResourceId: id.optional(), PolicyNames: z.array(id).max(50).optional() })
const deletePolicy = target.extend({ PolicyName: policyName })

interface StoredTarget {
  readonly ResourceId: string
  readonly MinCapacity: number
  readonly MaxCapacity: number
  readonly created: number
}

type StoredPolicy = z.infer<typeof put> & { readonly created: number }

export interface ScalingOptions {
  now(): number
  endpoint(name: string): StoredEndpoint | undefined
}

/** Application Auto Scaling of endpoint variants. It keeps what is registered, and does not scale. */
export class ScalingCore {
  readonly #options: ScalingOptions
  readonly #targets = new Map<string, StoredTarget>()
  readonly #policies = new Map<string, StoredPolicy>()

  constructor(options: ScalingOptions) {
    this.#options = options
  }

  /** As `SageMakerCore.call`. @throws {ServiceError} */
  call(operation: string, input: unknown): object {
    switch (operation) {
      case 'RegisterScalableTarget':
        return this.#register(parse(register, input))
      case 'PutScalingPolicy':
        return this.#put(parse(put, input))
      case 'DescribeScalableTargets':
        return this.#describeTargets(parse(targets, input))
      case 'DescribeScalingPolicies':
        return this.#describePolicies(parse(policies, input))
      case 'DeregisterScalableTarget': {
        const { ResourceId } = parse(target, input)
        if (!this.#targets.delete(ResourceId)) throw notFound('scalable target', ResourceId)
        for (const [key, { ResourceId: of }] of this.#policies) if (of === ResourceId) this.#policies.delete(key)
        return {}
      }
      case 'DeleteScalingPolicy': {
        const { ResourceId, PolicyName } = parse(deletePolicy, input)
        if (!this.#policies.delete(policyKey(ResourceId, PolicyName))) throw notFound('scaling policy', ResourceId)
        return {}
      }
      default:
        throw new ServiceError(
          'UnknownOperationException',
          `${operation} is not implemented by this stand-in of Application Auto Scaling.`,
        )
    }
  }

  /** Whether the variant of an endpoint is registered. */
  has(endpoint: string, variant: string): boolean {
    return this.#targets.has(`endpoint/${endpoint}/variant/${variant}`)
  }

  #register({ ResourceId, MinCapacity, MaxCapacity }: z.infer<typeof register>): object {
    const [, name = '', variant] = /^endpoint\/([^/]+)\/variant\/([^/]+)$/.exec(ResourceId) ?? []
    if (variant === undefined)
      throw invalid(`Unsupported service namespace, resource type or scalable dimension: ${ResourceId}`)
    const endpoint = this.#options.endpoint(name)
    if (endpoint?.status !== 'InService' || endpoint.blue?.config.variant.VariantName !== variant)
      throw invalid(`Could not find the variant ${variant} of an endpoint ${name} in service.`)
    if (endpoint.blue.config.variant.ServerlessConfig !== undefined)
      throw invalid(`The scalable dimension ${DIMENSION} is not of a serverless variant.`)
    const known = this.#targets.get(ResourceId)
    const least = MinCapacity ?? known?.MinCapacity
    const most = MaxCapacity ?? known?.MaxCapacity
    if (least === undefined || most === undefined)
      throw invalid('MinCapacity and MaxCapacity are required for a new scalable target.')
    if (least > most) throw invalid('Maximum capacity cannot be less than minimum capacity')
    const created = known?.created ?? this.#options.now()
    this.#targets.set(ResourceId, { ResourceId, MinCapacity: least, MaxCapacity: most, created })
    return { ScalableTargetARN: `arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target/${ResourceId}` }
  }

  #put(input: z.infer<typeof put>): object {
    const { ResourceId, PolicyName } = input
    if (!this.#targets.has(ResourceId)) throw notFound('scalable target', ResourceId)
    const key = policyKey(ResourceId, PolicyName)
    this.#policies.set(key, { ...input, created: this.#policies.get(key)?.created ?? this.#options.now() })
    return { PolicyARN: arnOf(input), Alarms: [] }
  }

  #describeTargets({ ResourceIds: ids }: z.infer<typeof targets>): object {
    const found = [...this.#targets.values()].filter(({ ResourceId }) => ids?.includes(ResourceId) ?? true)
    const ScalableTargets = found.map(({ created, ...rest }) => ({
      ServiceNamespace: 'sagemaker',
      ScalableDimension: DIMENSION,
      RoleARN: 'arn:aws:iam::000000000000:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com',
      CreationTime: new Date(created),
      ...rest,
    }))
    return { ScalableTargets }
  }

  #describePolicies({ ResourceId: of, PolicyNames: names }: z.infer<typeof policies>): object {
    const found = [...this.#policies.values()].filter(
      ({ ResourceId, PolicyName }) => (of ?? ResourceId) === ResourceId && (names?.includes(PolicyName) ?? true),
    )
    const ScalingPolicies = found.map(({ created, ...rest }) => ({
      PolicyARN: arnOf(rest),
      Alarms: [],
      CreationTime: new Date(created),
      ...rest,
    }))
    return { ScalingPolicies }
  }
}

const policyKey = (resource: string, name: string): string => `${resource}\n${name}`

const arnOf = ({ ResourceId, PolicyName }: { ResourceId: string; PolicyName: string }): string =>
  `arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:0:resource/sagemaker/${ResourceId}:policyName/${PolicyName}`

function notFound(what: string, resource: string): ServiceError {
  return new ServiceError(
    'ObjectNotFoundException',
    `No ${what} found for service namespace: sagemaker, resource ID: ${resource}, scalable dimension: ${DIMENSION}`,
  )
}
