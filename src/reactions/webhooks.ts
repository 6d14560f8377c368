import type { ReactionWebhooks, Sources, WebhookSecrets } from '../intake/webhook/ports.ts'
import type { EpochMs } from '../core/time.ts'
import type { Lake } from '../lake/lake.ts'
import { deploymentWebhooks } from './deployment/webhook.ts'
import { jobWebhooks } from './job/webhook.ts'
import { subjectsOf } from './index.ts'

const all: readonly ReactionWebhooks[] = [jobWebhooks, deploymentWebhooks]

/** The reactions of this lake that deliveries over HTTPS wake. None: it needs no webhook function. */
export function webhooksOf(lake: Lake): ReactionWebhooks[] {
  return all.filter(({ reaction, secrets }) => subjectsOf(reaction, lake).length > 0 && secrets(lake).length > 0)
}

/** Who may deliver to a lake. */
export function webhookSources(lake: Lake, secrets: WebhookSecrets, now: () => EpochMs): Sources {
  return Object.assign({}, ...webhooksOf(lake).map(({ sources }) => sources(lake, secrets, now))) as Sources
}
