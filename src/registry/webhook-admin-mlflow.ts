import * as z from 'zod/mini'
import { allPages } from './pagination.ts'
import type { RegistryApi } from './rest-api.ts'
import type { Hook, WebhookAdmin } from './ports.ts'
import { asked, CallFailed } from './webhook-calls.ts'

/** MLflow's REST interface, "Webhooks"; what it does beyond its documentation was seen with MLflow 3.17. */
const PATH = '/api/2.0/mlflow/webhooks'

/** Upper case: anything else is answered with 500. Stages have no event, by MLflow's choice (mlflow issue 14677). */
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

/** The webhooks of an MLflow server of one's own. */
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
        description: 'Landfall: what is promoted is deployed',
      }
      return toHook((await asked(api, one, 'POST', PATH, body)).webhook)
    },

    async repair({ id }, secret) {
      const body = { events, status: 'ACTIVE', ...(secret === undefined ? {} : { secret }) }
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
      // Without an event it takes whichever its database has first.
      const body = { event: { entity: 'MODEL_VERSION_ALIAS', action: 'CREATED' } }
      const { result } = await asked(api, tested, 'POST', `${PATH}/${encodeURIComponent(id)}/test`, body)
      return {
        delivered: result.success === true,
        ...(result.response_status === undefined ? {} : { status: result.response_status }),
        ...(result.error_message === undefined ? {} : { reason: result.error_message }),
      }
    },
  }
}

/**
 * Why MLflow answers 500 where webhooks are asked for: a store of files knows none of them, and says so of any id; where
 * another one cannot decrypt what it has, a single id that it does not have is answered well.
 */
export async function knowsWebhooks(api: Pick<RegistryApi, 'call'>): Promise<'yes' | 'no' | 'unclear'> {
  const { status } = await api.call('GET', `${PATH}/landfall-asks-whether-there-are-webhooks`)
  if (status === 404) return 'yes'
  return status === 500 || status === 501 ? 'no' : 'unclear'
}
