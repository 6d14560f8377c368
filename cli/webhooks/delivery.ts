import type { TestDelivery } from '../../src/registry/ports.ts'
import { type Diagnosis, ok, problem } from './diagnosis.ts'

/**
 * What a test delivery to `url` shows.
 *
 * @param same arguments for an advised command: `main --stage prod`
 */
export function diagnoseDelivery(
  same: string,
  url: string,
  { delivered, status, reason = '' }: TestDelivery,
): Diagnosis {
  if (delivered) return ok('delivery', `test event delivered and accepted (${status})`)
  if (status === 401)
    return problem(
      'secrets-differ',
      'test event delivered but rejected as forged (401): it is signed with another secret',
      `Sign with the one in the registry's secret: landfall webhooks register ${same}. If that does not help, the registry's clock is wrong by more than 5 minutes.`,
    )
  if (status === 404 || (status !== undefined && status >= 300 && status < 400))
    return problem(
      'wrong-address',
      `test event delivered to an address that does not receive webhooks (${status})`,
      `Deploy the lake, and register again. A redirect on the way to ${url} turns the delivery into a GET without a body: use an address without redirects.`,
    )
  if (status !== undefined)
    return problem(
      'not-taken',
      `test event delivered but not accepted (${status})`,
      'Look at the logs of the webhook function: it answers 5xx when it cannot queue an event.',
    )
  return undelivered(reason)
}

/** A registry that could not deliver at all. */
export function undelivered(reason: string, advice = deliveryAdvice(reason)): Diagnosis {
  return problem('no-delivery', `the registry could not deliver a test event: ${reason}`, advice)
}

/** By the reasons of MLflow 3.17. */
function deliveryAdvice(reason: string): string {
  if (/non-public IP/i.test(reason))
    return 'MLflow delivers to public addresses only. Use that of the HTTP API; on a development server, set MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS=true.'
  if (/scheme/i.test(reason))
    return 'MLflow delivers over https only. On a development server, set MLFLOW_WEBHOOK_ALLOWED_SCHEMES=http,https.'
  if (/certificate|ssl/i.test(reason))
    return 'The server does not trust the certificate of the address. Install the public CA certificates on it.'
  return 'Allow the server to reach this address directly: it uses no proxy (HTTPS_PROXY is ignored).'
}
