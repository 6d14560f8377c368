import type { Model } from '../../lake/lake.ts'
import type { Endpoint } from './ports.ts'
import type { DeploymentState, Candidate } from './state.ts'

/** A deployment that is about to begin. */
export interface EndpointUpdate {
  readonly model: Model
  readonly candidate: Candidate
  readonly state: DeploymentState
  /** As it was observed last. */
  readonly endpoint?: Endpoint
  /** With the endpoint as it is now, where the claim and the plan still hold; `undefined` where they do not. */
  observeAgain(): Promise<EndpointUpdate | undefined>
}
