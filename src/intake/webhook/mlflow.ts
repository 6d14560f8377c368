import * as z from 'zod/mini'
import { Refused } from '../../core/refused.ts'
import type { EpochMs } from '../../core/time.ts'
import { reasonOf } from '../../core/schema-error.ts'
import { TAG_PREFIX } from '../../registry/ports.ts'
import { isFresh } from './freshness.ts'
import type { Signing, Source, WakeRequest } from './ports.ts'
import { signedByAny } from './signature.ts'

/** The parts that are read of a delivery from MLflow's webhooks (https://mlflow.org/docs/latest/ml/webhooks/). */
export const mlflowDelivery = z.looseObject({ entity: z.string(), action: z.string(), data: z.looseObject({}) })

/** Other entities, such as prompts and budgets, do not concern deployments. */
const modelEntities: Readonly<Record<string, z.ZodMiniType<{ readonly name: string; readonly key?: string }>>> = {
  registered_model: z.looseObject({ name: z.string() }),
  model_version: z.looseObject({ name: z.string() }),
  model_version_tag: z.looseObject({ name: z.string(), key: z.string() }),
  model_version_alias: z.looseObject({ name: z.string() }),
}

/**
 * Webhooks of an MLflow server: `X-MLflow-Signature` is `v1,` and the base64 HMAC-SHA256 of `<delivery id>.<timestamp>.<body>`.
 * The secret is used as it is, without the prefix or encoding of Standard Webhooks (same page, "Security"). The timestamp is in
 * whole seconds. A retry has the same three headers.
 *
 * @param wakes what a change of a registered model wakes
 */
export function mlflowRegistry(
  wakes: (registered: string) => readonly WakeRequest[],
  signing: Signing,
  now: () => EpochMs,
): Source {
  return {
    async verify({ headers, body }) {
      const signed = signedHeaders(headers)
      if (signed === undefined) return 'forged'
      const { id, timestamp, signature } = signed
      if (!isFresh(Number(timestamp) * 1000, now())) return 'stale'
      const parts = [`${id}.${timestamp}.`, body]
      return (await signing((secrets) => signedByAny(secrets, parts, signature))) ? 'genuine' : 'forged'
    },

    read(body) {
      const { success, data, error } = mlflowDelivery.safeParse(body)
      if (!success) throw notDelivery(error)
      const schema = Object.hasOwn(modelEntities, data.entity) ? modelEntities[data.entity] : undefined
      if (schema === undefined) return { wakes: [] }
      const about = schema.safeParse(data.data)
      if (!about.success) throw notDelivery(about.error)
      const ours = data.entity === 'model_version_tag' && about.data.key?.startsWith(TAG_PREFIX) === true
      return { wakes: ours ? [] : wakes(about.data.name) }
    },

    id: ({ headers }) => headers['x-mlflow-delivery-id'] ?? '',
  }
}

type Headers = Readonly<Record<string, string | undefined>>

/** No dots in the id: otherwise the signed text could be split elsewhere, and one signature would fit another delivery. */
const ID = /^[\w-]{1,128}$/
const SECONDS = /^\d{1,12}$/
const SIGNATURE = /^v1,([A-Za-z0-9+/]{43}=)$/

function signedHeaders(headers: Headers) {
  const id = headers['x-mlflow-delivery-id'] ?? ''
  const timestamp = headers['x-mlflow-timestamp'] ?? ''
  const [, signature] = SIGNATURE.exec(headers['x-mlflow-signature'] ?? '') ?? []
  if (signature === undefined || !ID.test(id) || !SECONDS.test(timestamp)) return undefined
  return { id, timestamp, signature: Buffer.from(signature, 'base64') }
}

function notDelivery(error: z.core.$ZodError): Refused {
  return new Refused('not-a-delivery', `not a delivery of MLflow: ${reasonOf(error)}`)
}
