import type { Model } from '../../lake/lake.ts'
import type { Endpoint } from './sagemaker.ts'
import type { DeploymentState, Pending } from './state.ts'

/** A deployment that is about to begin. */
export interface Deploying {
  readonly model: Model
  readonly pending: Pending
  readonly state: DeploymentState
  /** As it was observed last. */
  readonly endpoint?: Endpoint
  /** With the endpoint as it is now, where the claim and the plan still hold; `undefined` where they do not. */
  observeAgain(): Promise<Deploying | undefined>
}
