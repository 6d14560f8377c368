import * as z from 'zod/mini'
import { allPages } from './pagination.ts'
import type { RegistryApi } from './rest-api.ts'
import type { Hook, WebhookAdmin } from './ports.ts'
import { asked, CallFailed } from './webhook-calls.ts'

/** "MLflow Model Registry Webhooks on Databricks" (docs.databricks.com), for the workspace's own registry; Public Preview. */
const PATH = '/api/2.0/mlflow/registry-webhooks'

/** Aliases have no event in this registry. */
const events = ['MODEL_VERSION_CREATED', 'MODEL_VERSION_TAG_SET', 'MODEL_VERSION_TRANSITIONED_STAGE'] as const

const webhook = z.object({
  id: z.string(),
  description: z.optional(z.string()),
  model_name: z.optional(z.string()),
  events: z.optional(z.array(z.string())),
  status: z.optional(z.string()),
  http_url_spec: z.optional(z.object({ url: z.optional(z.string()) })),
})
const one = z.object({ webhook })
const page = z.object({ webhooks: z.optional(z.array(webhook)), next_page_token: z.optional(z.string()) })
const status = z.optional(z.number())
/** `status_code` in the REST reference and the SDKs, `status` on the page about webhooks. */
const tested = z.object({ status_code: status, status, body: z.optional(z.string()) })

const toHook = ({ id, description, events, status, http_url_spec }: z.infer<typeof webhook>): Hook => ({
  id,
  // Databricks' webhooks have no names.
  name: description ?? '',
  url: http_url_spec?.url ?? '',
  events: (events ?? []).toSorted(),
  isActive: (status ?? 'ACTIVE') === 'ACTIVE',
})

/** The webhooks of a Databricks workspace's registry that cover all of its models. Only an admin can create them. */
export function databricksWebhooks(api: Pick<RegistryApi, 'call'>): WebhookAdmin {
  return {
    events,

    async list() {
      return allPages('the webhooks of the workspace', async (token) => {
        const query = token === undefined ? '' : `?page_token=${encodeURIComponent(token)}`
        const { webhooks = [], next_page_token: next } = await asked(api, page, 'GET', `${PATH}/list${query}`)
        // Webhooks of a single model and those that start a job are not ours.
        const http = webhooks.filter(({ model_name = '', http_url_spec }) => http_url_spec && model_name === '')
        return { items: http.map(toHook), next }
      })
    },

    async create(name, url, secret) {
      const http_url_spec = { url, secret, enable_ssl_verification: true }
      const body = { description: name, events, status: 'ACTIVE', http_url_spec }
      return toHook((await asked(api, one, 'POST', `${PATH}/create`, body)).webhook)
    },

    async repair({ id, url }, secret) {
      const http_url_spec = secret === undefined ? undefined : { url, secret, enable_ssl_verification: true }
      const body = { id, events, status: 'ACTIVE', http_url_spec }
      return toHook((await asked(api, one, 'PATCH', `${PATH}/update`, body)).webhook)
    },

    async remove(id) {
      try {
        await asked(api, z.unknown(), 'DELETE', `${PATH}/delete?id=${encodeURIComponent(id)}`)
      } catch (error) {
        if (!(error instanceof CallFailed) || (error.status !== 404 && error.code !== 'RESOURCE_DOES_NOT_EXIST'))
          throw error
      }
    },

    async test(id) {
      const body = { id, event: 'MODEL_VERSION_TRANSITIONED_STAGE' }
      const answer = await asked(api, tested, 'POST', `${PATH}/test`, body)
      const { status_code, status = status_code, body: said } = answer
      const delivered = status !== undefined && status < 400
      if (delivered) return { delivered, status }
      const reason = said ?? 'Databricks does not say why'
      return status === undefined ? { delivered, reason } : { delivered, status }
    },
  }
}
