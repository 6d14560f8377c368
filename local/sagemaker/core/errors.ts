/** A failure as the APIs of SageMaker and Application Auto Scaling answer it. SDKs take the error's name from `name`. */
export class ServiceError extends Error {
  override readonly name: string
  readonly status: number

  constructor(name: string, message: string, status = 400) {
    super(message)
    this.name = name
    this.status = status
  }
}

/** Also for something absent, taken or busy: SageMaker has no other error for these. */
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
