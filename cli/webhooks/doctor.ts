import { redirectAdvice } from '../../src/http/authorized.ts'
import { ADDRESS } from '../../src/registry/rest-api.ts'
import type { RegistrySettings } from '../../src/registry/settings.ts'
import type { Hook, WebhookAdmin } from '../../src/registry/ports.ts'
import { CallFailed } from '../../src/registry/webhook-calls.ts'
import { diagnoseDelivery, undelivered } from './delivery.ts'
import { diagnoseFailure, type Diagnosis, ok, problem } from './diagnosis.ts'
import { findHooks, type FoundHooks, type WantedHook } from './hooks.ts'

/**
 * How often the webhooks are listed. Without a configured key, each worker process of an MLflow server makes its own, and
 * any of them may answer. With four workers, the chance that the one with the right key answers every time is nil.
 */
export const LIST_TRIES = 12

interface HookPorts {
  readonly admin: WebhookAdmin
  /** Whether the server's store supports webhooks. */
  hasWebhooks(): Promise<'yes' | 'no' | 'unclear'>
}

/**
 * Whether the webhook of a registry is set up, and works.
 *
 * @param same arguments for an advised command: `main --stage prod`
 */
export async function diagnoseHooks(
  same: string,
  settings: RegistrySettings,
  wanted: WantedHook | undefined,
  { admin, hasWebhooks }: HookPorts,
): Promise<Diagnosis[]> {
  const listed = await listRepeatedly(admin)
  const unreadable = listed.failures.length === 0 ? [] : [await diagnoseListing(settings, listed, hasWebhooks)]
  if (listed.hooks === undefined || wanted === undefined) return unreadable
  const found = findHooks(listed.hooks, wanted)
  const delivery = found.hook === undefined ? [] : [await testHook(same, found.hook, admin)]
  return [...unreadable, ...diagnoseFound(same, found, wanted), ...delivery]
}

interface Listed {
  readonly tries: number
  /** Absent where no try succeeded. */
  readonly hooks: readonly Hook[] | undefined
  readonly failures: readonly unknown[]
}

/** Stops at the first failure that is not a 5xx. */
async function listRepeatedly(admin: WebhookAdmin): Promise<Listed> {
  const failures: unknown[] = []
  let hooks: readonly Hook[] | undefined
  let tries = 0
  while (tries < LIST_TRIES) {
    tries += 1
    try {
      hooks = await admin.list()
    } catch (error) {
      failures.push(error)
      if (!(error instanceof CallFailed) || error.status < 500) break
    }
  }
  return { tries, failures, hooks }
}

async function diagnoseListing(
  settings: RegistrySettings,
  { tries, failures }: Listed,
  hasWebhooks: HookPorts['hasWebhooks'],
): Promise<Diagnosis> {
  const error = failures.at(-1)
  if (!(error instanceof CallFailed)) return diagnoseFailure(error, settings)
  const { status, said, message, location } = error
  if (location !== undefined) return problem('redirected', message, redirectAdvice(settings.host, location, ADDRESS))
  if (said.startsWith('Invalid Host header'))
    return problem(
      'host-refused',
      `the server rejects the host name in ${settings.host}`,
      `Start it with --allowed-hosts ${new URL(settings.host).host}, and the other names it is called by.`,
    )
  if (status === 401 || status === 403)
    return problem(
      'not-an-admin',
      `the credentials are not allowed to list webhooks: ${message}`,
      settings.kind === 'databricks'
        ? 'Webhooks for all models need an admin: use the secret of a service principal that is a workspace admin.'
        : 'With --app-name basic-auth, webhooks need an admin: make the user in the secret one (PATCH /api/2.0/mlflow/users/update-admin).',
    )
  if (status === 404)
    return problem(
      'no-webhooks',
      `${settings.host} has no webhooks: ${message}`,
      `${
        settings.kind === 'databricks'
          ? 'Correct databricks.host in lake.yml: a workspace with its own model registry has webhooks.'
          : 'Upgrade the MLflow server to 3.3 or later, or correct its address (`mlflow`) in lake.yml.'
      } Until then the sweep detects promotions, every 15 minutes.`,
    )
  if (status >= 500 && settings.kind === 'mlflow') return diagnoseStore(tries, failures.length, await hasWebhooks())
  return problem('registry-fails', message, `Check the registry at ${settings.host}, then try again.`)
}

function diagnoseStore(tries: number, failed: number, hasWebhooks: 'yes' | 'no' | 'unclear'): Diagnosis {
  if (hasWebhooks === 'no')
    return problem(
      'webhooks-unsupported',
      'the server keeps its registry in files, which do not support webhooks (it answers 500)',
      'Move it to a database (--backend-store-uri): mlflow migrate-filestore converts the files to SQLite. Until then the sweep detects promotions, every 15 minutes.',
    )
  return problem(
    'no-encryption-key',
    `the server could not read its webhooks ${failed} of ${tries} times (500): its processes, or its restarts, use different encryption keys, and events are lost silently`,
    'Set MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY permanently for the server (python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"), restart it, delete the webhooks that it cannot read, and run landfall webhooks register.',
  )
}

function diagnoseFound(
  same: string,
  { hook, faults, duplicates, strays }: FoundHooks,
  wanted: WantedHook,
): Diagnosis[] {
  const register = `landfall webhooks register ${same}`
  const ids = (hooks: readonly Hook[]) => hooks.map(({ id, url }) => `${id} (${url})`).join(', ')
  const found =
    hook === undefined
      ? problem('no-webhook', `no webhook delivers to ${wanted.url}`, `Create it: ${register}`)
      : faults.length === 0
        ? ok('webhook', `webhook ${hook.id} delivers to ${wanted.url}`)
        : problem('webhook-differs', `webhook ${hook.id} is misconfigured: ${faults.join('; ')}`, `Fix it: ${register}`)
  const extra: Diagnosis[] = []
  if (duplicates.length > 0)
    extra.push(
      problem(
        'duplicate-webhooks',
        `every event is delivered ${duplicates.length + 1} times, also by ${ids(duplicates)}`,
        `Remove the duplicates: ${register} --prune`,
      ),
    )
  if (strays.length > 0)
    extra.push(
      problem(
        'stray-webhooks',
        `webhooks of this lake deliver to an address that it no longer has: ${ids(strays)}`,
        `Remove them: ${register} --prune`,
      ),
    )
  return [found, ...extra]
}

async function testHook(same: string, { id, url }: Hook, admin: WebhookAdmin): Promise<Diagnosis> {
  try {
    return diagnoseDelivery(same, url, await admin.test(id))
  } catch (error) {
    return undelivered(
      error instanceof Error ? error.message : String(error),
      'If it answers 500 now and then, its processes use different encryption keys: see above, or try again.',
    )
  }
}
