import * as z from 'zod/mini'
import { Refused } from '../../core/refused.ts'
import { isLonger, reasonOf } from '../../core/schema-error.ts'
import { TAG_PREFIX } from '../../registry/ports.ts'
import type { Signing, Source, WakeRequest } from './ports.ts'
import { signedByAny } from './signature.ts'

/** Databricks sends one; a version has some dozens. */
const MOST_TAGS = 1_000

/** The parts that are read of a delivery from a workspace's model registry. Only tag events have `tags`. */
export const databricksDelivery = z.looseObject({
  event: z.string(),
  /** In milliseconds since the epoch. */
  event_timestamp: z.number(),
  model_name: z.string(),
  tags: z.optional(z.array(z.looseObject({ key: z.string() }))),
})

const SIGNATURE = /^[0-9a-f]{64}$/

/**
 * Webhooks of a Databricks workspace's model registry: `X-Databricks-Signature` is the HMAC-SHA256 of the body in lower-case
 * hex (https://docs.databricks.com/aws/en/mlflow/model-registry-webhooks). The headers have neither an id nor a time: the
 * signature serves as id, and `event_timestamp` as time.
 *
 * @param wakes what a change of a registered model wakes
 */
export function databricksRegistry(wakes: (registered: string) => readonly WakeRequest[], signing: Signing): Source {
  return {
    async verify({ headers, body }) {
      const signature = headers['x-databricks-signature'] ?? ''
      if (!SIGNATURE.test(signature)) return 'forged'
      const bytes = Buffer.from(signature, 'hex')
      return (await signing((secrets) => signedByAny(secrets, [body], bytes))) ? 'genuine' : 'forged'
    },

    read(body) {
      if (isLonger((body as { tags?: unknown } | null)?.tags, MOST_TAGS))
        throw new Refused('not-a-delivery', `not a delivery of a Databricks registry: more than ${MOST_TAGS} tags`)
      const { success, data, error } = databricksDelivery.safeParse(body)
      if (!success) throw new Refused('not-a-delivery', `not a delivery of a Databricks registry: ${reasonOf(error)}`)
      const { event_timestamp: sent, model_name, tags = [] } = data
      const ours = tags.length > 0 && tags.every(({ key }) => key.startsWith(TAG_PREFIX))
      return { sent, wakes: ours ? [] : wakes(model_name) }
    },

    id: ({ headers }) => headers['x-databricks-signature'] ?? '',
  }
}
