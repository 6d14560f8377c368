import { ServiceError } from './core/errors.ts'
import type { Launch } from './core/machine.ts'
import type { Fleet } from './core/state.ts'

/** Failures on demand. A new plan replaces an earlier one of the same kind. */
export interface SageMakerFaults {
  /** The next `times` calls, or calls of `operation`, are answered with ThrottlingException. */
  readonly throttle?: { readonly times: number; readonly operation?: string }
  /** The next `times` containers, or containers of `config`, never become healthy. */
  readonly failLaunches?: { readonly times: number; readonly config?: string; readonly reason?: string }
  /** Whether rollbacks of updates fail: UpdateRollbackFailed. */
  readonly rollbackFails?: boolean
}

/** SageMaker's reason for a container that did not come up. */
export function noPing(variant: string): string {
  return (
    `The primary container for production variant ${variant} did not pass the ping health check. ` +
    'Please check CloudWatch logs for this endpoint.'
  )
}

export class FaultPlan {
  #faults: SageMakerFaults = {}
  #throttled = 0
  #failed = 0

  plan(faults: SageMakerFaults): void {
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
