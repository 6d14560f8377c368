import * as z from 'zod/mini'
import { allPages } from './pagination.ts'
import type { RegistryApi } from './rest-api.ts'
import type { Hook, WebhookAdmin } from './ports.ts'
import { asked, CallFailed } from './webhook-calls.ts'

/** MLflow's REST API, "Webhooks". Undocumented behaviour was observed with MLflow 3.17. */
const PATH = '/api/2.0/mlflow/webhooks'

/** In upper case: anything else is answered with 500. MLflow decided against events for stages (mlflow issue 14677). */
const events = [
  { entity: 'MODEL_VERSION', action: 'CREATED' },
  { entity: 'MODEL_VERSION_ALIAS', action: 'CREATED' },
  { entity: 'MODEL_VERSION_ALIAS', action: 'DELETED' },
  { entity: 'MODEL_VERSION_TAG', action: 'SET' },
  { entity: 'MODEL_VERSION_TAG', action: 'DELETED' },
] as const

const event = z.object({ entity: z.string(), action: z.string() })
const webhook = z.object({
  webhook_id: z.string(),
  name: z.string(),
  url: z.string(),
  events: z.optional(z.array(event)),
  status: z.optional(z.string()),
})
const one = z.object({ webhook })
const page = z.object({ webhooks: z.optional(z.array(webhook)), next_page_token: z.optional(z.string()) })
const tested = z.object({
  result: z.object({
    success: z.optional(z.boolean()),
    response_status: z.optional(z.number()),
    error_message: z.optional(z.string()),
  }),
})

const nameOf = ({ entity, action }: z.infer<typeof event>): string => `${entity}.${action}`

const toHook = ({ webhook_id: id, name, url, events, status }: z.infer<typeof webhook>): Hook => ({
  id,
  name,
  url,
  events: (events ?? []).map(nameOf).toSorted(),
  isActive: status !== 'DISABLED',
})

/** The webhooks of a self-hosted MLflow server. */
export function mlflowWebhooks(api: Pick<RegistryApi, 'call'>): WebhookAdmin {
  return {
    events: events.map(nameOf).toSorted(),

    async list() {
      return allPages('the webhooks of the MLflow server', async (token) => {
        const query = `max_results=100${token === undefined ? '' : `&page_token=${encodeURIComponent(token)}`}`
        const { webhooks = [], next_page_token: next } = await asked(api, page, 'GET', `${PATH}?${query}`)
        return { items: webhooks.map(toHook), next }
      })
    },

    async create(name, url, secret) {
      const body = {
        name,
        url,
        events,
        secret,
        status: 'ACTIVE',
        description: 'Landfall: deploys promoted versions',
      }
      return toHook((await asked(api, one, 'POST', PATH, body)).webhook)
    },

    async repair({ id }, secret) {
      const body = { events, status: 'ACTIVE', secret }
      return toHook((await asked(api, one, 'PATCH', `${PATH}/${encodeURIComponent(id)}`, body)).webhook)
    },

    async remove(id) {
      try {
        await asked(api, z.unknown(), 'DELETE', `${PATH}/${encodeURIComponent(id)}`)
      } catch (error) {
        if (!(error instanceof CallFailed) || error.status !== 404) throw error
      }
    },

    async test(id) {
      // Without an event, MLflow takes the first one in its database.
      const body = { event: { entity: 'MODEL_VERSION_ALIAS', action: 'CREATED' } }
      const { result } = await asked(api, tested, 'POST', `${PATH}/${encodeURIComponent(id)}/test`, body)
      return {
        delivered: result.success === true,
        status: result.response_status,
        reason: result.error_message,
      }
    },
  }
}

/**
 * Whether the MLflow server supports webhooks at all, to explain why listing them is answered with 500. A file store supports
 * none, and answers 500 for any id. A server that only cannot decrypt its webhooks answers 404 for an unknown id.
 */
export async function knowsWebhooks(api: Pick<RegistryApi, 'call'>): Promise<'yes' | 'no' | 'unclear'> {
  const { status } = await api.call('GET', `${PATH}/landfall-asks-whether-there-are-webhooks`)
  if (status === 404) return 'yes'
  return status === 500 || status === 501 ? 'no' : 'unclear'
}
