import type { Model } from './settings.ts'
import type { Endpoint } from './ports.ts'
import type { DeploymentState, Candidate } from './state.ts'

/** What is needed to bring an endpoint to its candidate. */
export interface EndpointUpdate {
  readonly model: Model
  readonly candidate: Candidate
  readonly state: DeploymentState
  /** As last observed. */
  readonly endpoint?: Endpoint
  /** The same update with a new observation; `undefined` if the claim or the plan no longer holds. */
  observeAgain(): Promise<EndpointUpdate | undefined>
}
