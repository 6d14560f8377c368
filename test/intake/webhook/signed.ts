import { createHmac, randomUUID } from 'node:crypto'

export interface MlflowSignature {
  readonly secret: string
  readonly id?: string
  /** In seconds since the epoch, as in the header. */
  readonly at?: number | string
}

/** The headers with which MLflow signs a body. */
export function mlflowSigned(
  body: Uint8Array | string,
  { secret, id = randomUUID(), at = Math.floor(Date.now() / 1000) }: MlflowSignature,
): Record<string, string> {
  const signature = createHmac('sha256', secret).update(`${id}.${at}.`).update(body).digest('base64')
  return {
    'x-mlflow-delivery-id': id,
    'x-mlflow-timestamp': String(at),
    'x-mlflow-signature': `v1,${signature}`,
  }
}

/** The header with which the registry of a Databricks workspace signs a body. */
export function databricksSigned(body: Uint8Array | string, secret: string): Record<string, string> {
  return { 'x-databricks-signature': createHmac('sha256', secret).update(body).digest('hex') }
}
