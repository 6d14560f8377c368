import { ServiceError } from './core/errors.ts'
import type { Launch } from './core/machine.ts'
import type { Fleet } from './core/state.ts'

/** What goes wrong on demand. What is planned again replaces what was planned of its kind. */
export interface Faults {
  /** So many of the next calls are answered with ThrottlingException; of `operation` alone, where it is given. */
  readonly throttle?: { readonly times: number; readonly operation?: string }
  /** So many of the next containers never become healthy; of `config` alone, where it is given. */
  readonly failLaunches?: { readonly times: number; readonly config?: string; readonly reason?: string }
  /** Whether updates cannot be taken back: UpdateRollbackFailed. */
  readonly rollbackFails?: boolean
}

/** Why a container did not come up, as SageMaker says it. */
export function noPing(variant: string): string {
  return (
    `The primary container for production variant ${variant} did not pass the ping health check. ` +
    'Please check CloudWatch logs for this endpoint.'
  )
}

export class FaultPlan {
  #faults: Faults = {}
  #throttled = 0
  #failed = 0

  plan(faults: Faults): void {
    this.#faults = { ...this.#faults, ...faults }
    if (faults.throttle !== undefined) this.#throttled = 0
    if (faults.failLaunches !== undefined) this.#failed = 0
  }

  get rollbackFails(): boolean {
    return this.#faults.rollbackFails ?? false
  }

  /** @throws {ServiceError} */
  check(operation: string): void {
    const { times = 0, operation: of = operation } = this.#faults.throttle ?? {}
    if (this.#throttled >= times || of !== operation) return
    this.#throttled += 1
    throw new ServiceError('ThrottlingException', 'Rate exceeded')
  }

  launch(fleet: Fleet): Launch | undefined {
    const { EndpointConfigName: name } = fleet.config.input
    const { times = 0, config = name, reason } = this.#faults.failLaunches ?? {}
    if (this.#failed >= times || config !== name) return undefined
    this.#failed += 1
    return { kind: 'failed', reason: reason ?? noPing(fleet.config.variant.VariantName) }
  }
}
