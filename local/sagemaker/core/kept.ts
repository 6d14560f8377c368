import { invalid, limitExceeded } from './errors.ts'

export const ACCOUNT = '000000000000'
export const ARN = `arn:aws:sagemaker:us-east-1:${ACCOUNT}`

/** Service quotas. `instances`: of all endpoints together, old and new fleets. */
export interface Limits {
  readonly endpoints: number
  readonly configs: number
  readonly models: number
  readonly instances: number
}

/** @throws {ServiceError} ResourceLimitExceeded */
export function within(limits: Limits, limit: keyof Limits, quota: string, used: number, delta: number): void {
  if (used + delta > limits[limit]) throw limitExceeded(quota, limits[limit], used, delta)
}

/** @throws {ServiceError} a ValidationException, as for everything that is absent */
export function missing(message: string): never {
  throw invalid(message)
}

interface Listing {
  readonly NameContains?: string | undefined
  readonly MaxResults: number
  readonly NextToken?: string | undefined
}

/** A page of a list, newest first, which is SageMaker's default. */
export function page<T>(asked: Listing, all: readonly T[], nameOf: (each: T) => string) {
  const { NameContains: part = '', MaxResults: most, NextToken: from = '0' } = asked
  const found = all.filter((each) => nameOf(each).toLowerCase().includes(part.toLowerCase())).toReversed()
  const end = Number(from) + most
  return { items: found.slice(Number(from), end), next: end < found.length ? { NextToken: `${end}` } : {} }
}
