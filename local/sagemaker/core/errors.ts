/** A failure as SageMaker's and Application Auto Scaling's APIs say it; `name` is what the SDKs make the error's name of. */
export class ServiceError extends Error {
  override readonly name: string
  readonly status: number

  constructor(name: string, message: string, status = 400) {
    super(message)
    this.name = name
    this.status = status
  }
}

/** What is absent, taken or busy is a ValidationException too: SageMaker has no finer names for them. */
export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message)
}

export function limitExceeded(quota: string, limit: number, used: number, delta: number): ServiceError {
  return new ServiceError(
    'ResourceLimitExceeded',
    `The account-level service limit '${quota}' is ${limit}, with current utilization of ${used} and a request delta of ` +
      `${delta}. Please use AWS Service Quotas to request an increase for this quota.`,
  )
}
