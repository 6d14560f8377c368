import type { ConfigInput, DeploymentInput, ModelInput, Tag, VariantInput } from './requests.ts'
import type { Plan } from './plan.ts'

export interface StoredModel {
  readonly input: ModelInput
  readonly arn: string
  readonly created: number
}

export interface StoredConfig {
  readonly input: ConfigInput
  readonly arn: string
  readonly created: number
  readonly variant: VariantInput
}

/** Instances, or a serverless function, that serve one endpoint configuration of one endpoint. `model` is as of its creation. */
export interface Fleet {
  readonly id: number
  readonly endpoint: string
  readonly config: StoredConfig
  readonly model: StoredModel
  /** Instances; 0 for serverless. */
  instances: number
  /** Percentage of the endpoint's traffic. */
  traffic: number
}

export type Status =
  'Creating' | 'Updating' | 'RollingBack' | 'InService' | 'Deleting' | 'Failed' | 'UpdateRollbackFailed'

/** What is in progress. `due`: when its next step is. */
export type Work =
  | { readonly kind: 'create'; due: number }
  | {
      readonly kind: 'update'
      due: number
      readonly began: number
      readonly plan: Plan
      /** The step that is being waited for. -1: the new fleet is not up yet. `steps.length`: the final bake. */
      step: number
      /** Alarms count at the start, and once the new fleet gets traffic. */
      begun: boolean
    }
  | { readonly kind: 'rollback'; due: number; readonly reason: string }
  | { readonly kind: 'delete'; due: number }

export interface StoredEndpoint {
  readonly name: string
  readonly arn: string
  readonly created: number
  readonly tags: Tag[]
  modified: number
  status: Status
  /** Name of the configuration that serves, or will serve once the endpoint is created. */
  config: string
  failure?: string | undefined
  lastDeployment?: DeploymentInput | undefined
  blue?: Fleet | undefined
  green?: Fleet | undefined
  work?: Work | undefined
}

/** The fleets that get traffic, oldest first. */
export function serving(endpoint: StoredEndpoint): readonly Fleet[] {
  if (endpoint.status === 'Creating' || endpoint.status === 'Deleting' || endpoint.status === 'Failed') return []
  return [endpoint.blue, endpoint.green].filter((fleet): fleet is Fleet => fleet !== undefined && fleet.traffic > 0)
}

export const initialInstances = (variant: VariantInput): number =>
  variant.ServerlessConfig === undefined ? (variant.InitialInstanceCount ?? 1) : 0
