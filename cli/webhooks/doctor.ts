import { Refused } from '../../src/core/refused.ts'
import { Unavailable } from '../../src/http/http.ts'
import { CallFailed, type Hook, type TestDelivery, type WebhookAdmin } from '../../src/registry/webhook-admin.ts'
import type { RegistrySettings } from '../../src/lake/lake.ts'
import { findHooks, type FoundHooks, type WantedHook } from './hooks.ts'

/** What was found of a registry, and what to do about it. */
export interface Diagnosis {
  /** `note`: so it is, and nothing has to be done. */
  readonly level: 'ok' | 'note' | 'problem'
  /** Stable, for scripts. */
  readonly code: string
  readonly message: string
  readonly advice?: string
}

export const ok = (code: string, message: string): Diagnosis => ({ level: 'ok', code, message })
export const note = (code: string, message: string, advice?: string): Diagnosis => ({
  level: 'note',
  code,
  message,
  ...(advice === undefined ? {} : { advice }),
})
export const problem = (code: string, message: string, advice: string): Diagnosis => ({
  level: 'problem',
  code,
  message,
  advice,
})

/**
 * How often the webhooks are asked for. Each worker process of an MLflow server makes a key of its own where none is set, and
 * which one answers is chance: of four, the chance that the one that can read them answers each time is nil.
 */
export const LOOKS = 12

export interface HookPorts {
  readonly admin: WebhookAdmin
  /** Whether the server has a store with webhooks at all. */
  hasWebhooks(): Promise<'yes' | 'no' | 'unclear'>
}

/**
 * Of a registry whose news come by webhook: whether they do.
 *
 * @param meant what a command about it ends in, for advice: `main --stage prod`
 */
export async function examineHooks(
  meant: string,
  settings: RegistrySettings,
  wanted: WantedHook | undefined,
  { admin, hasWebhooks }: HookPorts,
): Promise<Diagnosis[]> {
  const seen = await look(admin)
  const unreadable = seen.failures.length === 0 ? undefined : await listFinding(settings, seen, hasWebhooks)
  if (seen.hooks === undefined || wanted === undefined) return unreadable === undefined ? [] : [unreadable]
  const found = findHooks(seen.hooks, wanted)
  const standing = hookFindings(meant, found, wanted)
  const delivery = found.hook === undefined ? [] : [await deliveryFinding(meant, found.hook, admin)]
  return [...(unreadable === undefined ? [] : [unreadable]), ...standing, ...delivery]
}

export interface Seen {
  readonly looks: number
  /** Absent where no look was answered. */
  readonly hooks?: readonly Hook[]
  readonly failures: readonly unknown[]
}

/** What one look says is not believed. A server that does not answer, or refuses, is asked no further. */
async function look(admin: WebhookAdmin): Promise<Seen> {
  const failures: unknown[] = []
  let hooks: readonly Hook[] | undefined
  let looks = 0
  while (looks < LOOKS) {
    looks += 1
    try {
      hooks = await admin.list()
    } catch (error) {
      failures.push(error)
      if (!(error instanceof CallFailed) || error.status < 500) break
    }
  }
  return { looks, failures, ...(hooks === undefined ? {} : { hooks }) }
}

async function listFinding(
  settings: RegistrySettings,
  { looks, failures }: Seen,
  hasWebhooks: HookPorts['hasWebhooks'],
): Promise<Diagnosis> {
  const error = failures.at(-1)
  if (!(error instanceof CallFailed)) return failureFinding(error, settings)
  const { status, said, message } = error
  if (said.startsWith('Invalid Host header'))
    return problem(
      'host-refused',
      `the server refuses to be called by the name in ${settings.host}`,
      `Start it with --allowed-hosts ${new URL(settings.host).host}, and all else that it is called by.`,
    )
  if (status === 401 || status === 403)
    return problem(
      'not-an-admin',
      `the credentials may not look at webhooks: ${message}`,
      settings.kind === 'databricks'
        ? 'Webhooks for all models are an admin’s: run this with the secret of a workspace admin’s service principal.'
        : 'With --app-name basic-auth webhooks are an admin’s: make the user in the secret one (PATCH /api/2.0/mlflow/users/update-admin).',
    )
  if (status === 404)
    return problem(
      'no-webhooks',
      `there are no webhooks at ${settings.host}: ${message}`,
      `${
        settings.kind === 'databricks'
          ? 'Correct databricks.host in lake.yml: a workspace with a registry of its own has them there.'
          : 'Upgrade the MLflow server to 3.3 or later, or correct the registry’s address (`mlflow`) in lake.yml.'
      } Until then the sweep finds promotions, every 15 minutes.`,
    )
  if (status >= 500 && settings.kind === 'mlflow') return brokenFinding(looks, failures.length, await hasWebhooks())
  return problem('registry-fails', message, `Look at the registry at ${settings.host}; ask again.`)
}

function brokenFinding(looks: number, failed: number, hasWebhooks: 'yes' | 'no' | 'unclear'): Diagnosis {
  if (hasWebhooks === 'no')
    return problem(
      'webhooks-unsupported',
      'the server keeps its registry in files, where there are no webhooks (500 for whatever is asked of them)',
      'Move it to a database (--backend-store-uri): mlflow migrate-filestore makes an SQLite one of what is there. Until then the sweep finds promotions, every 15 minutes.',
    )
  return problem(
    'no-encryption-key',
    `${failed} of ${looks} times the server could not read its webhooks (500): each of its processes, or each start, has another key, and events are lost without a word`,
    'Set MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY for the server, once and for all (python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"), start it again, delete the webhooks that it cannot read, and run landfall webhooks register.',
  )
}

/** What any call may come to. */
export function failureFinding(error: unknown, { host, kind }: RegistrySettings): Diagnosis {
  if (error instanceof Refused)
    return problem(error.code, error.message, error.detail.advice ?? 'Correct it in lake.yml.')
  if (error instanceof Unavailable)
    return problem(
      'unreachable',
      `${host} does not answer: ${error.message}`,
      kind === 'mlflow'
        ? 'Start the server, or correct the registry’s address (`mlflow`) in lake.yml. One that is reached from within a VPC alone is to be examined from there.'
        : 'Correct its address in lake.yml (`databricks.host`, or `mlflow` of one that SageMaker runs), or ask again.',
    )
  throw error
}

function hookFindings(
  meant: string,
  { hook, faults, duplicates, strays }: FoundHooks,
  wanted: WantedHook,
): Diagnosis[] {
  const again = `landfall webhooks register ${meant}`
  const ids = (hooks: readonly Hook[]) => hooks.map(({ id, url }) => `${id} (${url})`).join(', ')
  return [
    ...(hook === undefined
      ? [problem('no-webhook', `no webhook delivers to ${wanted.url}`, `Make it: ${again}`)]
      : faults.length === 0
        ? [ok('webhook', `the webhook ${hook.id} delivers to ${wanted.url}`)]
        : [
            problem(
              'webhook-differs',
              `the webhook ${hook.id} is not as it should be: ${faults.join('; ')}`,
              `Mend it: ${again}`,
            ),
          ]),
    ...(duplicates.length === 0
      ? []
      : [
          problem(
            'duplicate-webhooks',
            `everything is delivered ${duplicates.length + 1} times: also by ${ids(duplicates)}`,
            `Remove them: ${again} --prune`,
          ),
        ]),
    ...(strays.length === 0
      ? []
      : [
          problem(
            'stray-webhooks',
            `of this lake, and to an address that is none of its: ${ids(strays)}`,
            `Remove them: ${again} --prune`,
          ),
        ]),
  ]
}

async function deliveryFinding(meant: string, hook: Hook, admin: WebhookAdmin): Promise<Diagnosis> {
  try {
    return testFinding(meant, hook, await admin.test(hook.id))
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    return problem(
      'no-delivery',
      `the registry could not deliver an example: ${said}`,
      'Where it answers 500 now and then: the key that webhooks are encrypted with, see above or ask again.',
    )
  }
}

/** What an example that was delivered, or was not, says of the way to us. `meant`: as for {@link examineHooks}. */
export function testFinding(meant: string, { url }: Hook, { delivered, status, reason = '' }: TestDelivery): Diagnosis {
  if (delivered) return ok('delivery', `an example was delivered and taken (${status})`)
  if (status === 401)
    return problem(
      'secrets-differ',
      'an example was delivered and turned away as forged (401): it is signed with another secret',
      `Sign with the one in the registry's secret: landfall webhooks register ${meant}. Where that does not help, the registry's clock is wrong by more than 5 minutes.`,
    )
  if (status === 404 || (status !== undefined && status >= 300 && status < 400))
    return problem(
      'wrong-address',
      `an example was delivered and nobody was there (${status})`,
      `Deploy the lake, and register again. A redirect on the way to ${url} turns a delivery into a GET, without its body: name an address without one.`,
    )
  if (status !== undefined)
    return problem(
      'not-taken',
      `an example was delivered and not taken (${status})`,
      'Look at the logs of the webhook function: what it could not queue it answers with 5xx.',
    )
  return problem('no-delivery', `the registry could not deliver an example: ${reason}`, deliveryAdvice(reason))
}

/** The reasons are MLflow's (3.17). */
function deliveryAdvice(reason: string): string {
  if (/non-public IP/i.test(reason))
    return 'MLflow delivers to public addresses alone: use the HTTP API’s own, or set MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS=true for a server of development.'
  if (/scheme/i.test(reason))
    return 'MLflow delivers over https alone; for a server of development MLFLOW_WEBHOOK_ALLOWED_SCHEMES=http,https.'
  if (/certificate|ssl/i.test(reason))
    return 'The server does not trust the address’s certificate: it needs the public CAs.'
  return 'Let the server out to this address: it asks no proxy (HTTPS_PROXY is ignored).'
}
