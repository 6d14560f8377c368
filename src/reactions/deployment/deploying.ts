import type { Model } from '../../lake/lake.ts'
import type { Cursor } from '../../core/ledger.ts'
import type { Endpoint } from './sagemaker.ts'
import type { DeploymentState, Pending } from './state.ts'

/** A deployment that is about to begin. */
export interface Deploying {
  readonly model: Model
  readonly pending: Pending
  readonly state: DeploymentState
  readonly endpoint?: Endpoint
  /** Why it was refused the last time. */
  readonly refusal: Cursor['refusal']
  /** Whether it still is what is to serve: looked at anew. */
  isWanted(): Promise<boolean>
}
