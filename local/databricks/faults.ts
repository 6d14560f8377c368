import { ApiError } from './errors.ts'
import type { Faults } from './requests.ts'

/** Failures on demand. */
export interface FaultPlan {
  /** Adds to the plan. */
  plan(faults: Faults): void
  clear(): void
  /** Whether connections are closed without an answer now. */
  isDown(): boolean
  /** @throws {ApiError} if this call is planned to fail */
  check(path: string): void
  /** Whether the next notification is lost. */
  dropsNotification(): boolean
}

export function faultPlan(now: () => number): FaultPlan {
  let failing:
    { left: number; readonly status: number; readonly retryAfter?: number; readonly path: string } | undefined
  let downUntil = 0
  let drops = 0
  return {
    plan({ fail, down, drop_notifications }) {
      if (fail !== undefined) {
        const { times: left, status, retry_after: retryAfter, path = '/' } = fail
        failing = { left, status, path, retryAfter }
      }
      if (down !== undefined) downUntil = now() + down * 1000
      if (drop_notifications !== undefined) drops = drop_notifications
    },
    clear() {
      failing = undefined
      downUntil = 0
      drops = 0
    },
    isDown: () => now() < downUntil,
    check(path) {
      if (failing === undefined || failing.left === 0 || !path.startsWith(failing.path)) return
      failing.left -= 1
      throw new ApiError(failing.status, codeOf(failing.status), 'This call fails on demand.', failing.retryAfter)
    },
    dropsNotification() {
      if (drops === 0) return false
      drops -= 1
      return true
    },
  }
}

function codeOf(status: number): string {
  if (status === 429) return 'REQUEST_LIMIT_EXCEEDED'
  if (status === 503) return 'TEMPORARILY_UNAVAILABLE'
  return status >= 500 ? 'INTERNAL_ERROR' : 'INVALID_STATE'
}
