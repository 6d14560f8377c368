import type { Hook, TestDelivery, WebhookAdmin } from '../../src/registry/ports.ts'
import type { Milliseconds } from '../../src/core/time.ts'
import type { Waiting } from '../progress.ts'
import { findHooks, type WantedHook } from './hooks.ts'
import { rotatedSecret, type SecretKeeper, signingSecret } from './secret.ts'

/** The result for one registry, as `--json` prints it. */
export interface Registered {
  readonly registry: string
  readonly url: string
  /** The webhook's id at the registry. */
  readonly id: string
  readonly outcome: 'created' | 'updated' | 'unchanged'
  /** Why it was updated. */
  readonly why: readonly string[]
  /** True: there was no signing secret, and one was created. */
  readonly madeSecret: boolean
  /** Ids of webhooks that deliver the same again, or to a former address. */
  readonly duplicates: readonly string[]
  readonly strays: readonly string[]
  /** Whether the duplicates and strays were removed. */
  readonly pruned: boolean
  readonly test: TestDelivery
}

interface Registering {
  readonly registry: string
  readonly wanted: WantedHook
  readonly secret: string
  readonly madeSecret: boolean
  readonly prune: boolean
}

/**
 * The receiving function reads the secret again when a signature does not match, but not soon after it did so
 * (`src/intake/webhook/secrets.ts`). For this long it may reject the right secret.
 */
const SECRET_DELAY: Milliseconds = 20_000
const RETRY_EVERY: Milliseconds = 2_500

/**
 * Creates or repairs the webhook of a registry, and tests it. Safe to repeat: a correct webhook is not changed. The secret of a
 * webhook cannot be read; the test delivery shows whether it is the right one.
 */
export async function register(
  { registry, wanted, secret, madeSecret, prune }: Registering,
  admin: WebhookAdmin,
  waiting: Waiting,
): Promise<Registered> {
  const { hook: found, faults, duplicates, strays } = findHooks(await admin.list(), wanted)
  const why = [...faults]
  let hook: Hook
  // A webhook that is older than our secret signs with another one.
  let isSigning = found === undefined || madeSecret
  if (found === undefined) hook = await admin.create(wanted.name, wanted.url, secret)
  else if (madeSecret || faults.length > 0) hook = await admin.repair(found, madeSecret ? secret : undefined)
  else hook = found
  if (found !== undefined && madeSecret) why.push('it had no secret of ours')
  let test = await admin.test(hook.id)
  if (test.status === 401 && !isSigning) {
    await admin.repair(hook, secret)
    why.push('it signed with another secret')
    isSigning = true
    test = await admin.test(hook.id)
  }
  if (test.status === 401) test = await testUntilAccepted(hook.id, registry, admin, waiting)
  if (prune) for (const { id } of [...duplicates, ...strays]) await admin.remove(id)
  return {
    registry,
    url: wanted.url,
    id: hook.id,
    outcome: found === undefined ? 'created' : why.length > 0 ? 'updated' : 'unchanged',
    why,
    madeSecret,
    duplicates: duplicates.map(({ id }) => id),
    strays: strays.map(({ id }) => id),
    pruned: prune,
    test,
  }
}

/**
 * Gives a webhook a new signing secret. Wherever it is interrupted, the webhook signs with an accepted secret.
 *
 * @param id of the registry's secret
 */
export async function rotate(
  hook: Hook,
  id: string,
  admin: Pick<WebhookAdmin, 'repair'>,
  secrets: SecretKeeper,
  random: () => string,
): Promise<void> {
  // After an interrupted rotation the webhook signs with the second secret, which is dropped now.
  await admin.repair(hook, (await signingSecret(id, secrets, random)).secret)
  // The new secret is accepted before anything is signed with it, so that no delivery is rejected.
  await admin.repair(hook, await rotatedSecret(id, secrets, random))
}

/** Repeats the test delivery until the receiving function knows the secret. */
export async function testUntilAccepted(
  id: string,
  registry: string,
  admin: WebhookAdmin,
  { now, sleep, progress }: Waiting,
): Promise<TestDelivery> {
  const end = now() + SECRET_DELAY
  for (;;) {
    const test = await admin.test(id)
    if (test.status !== 401 || now() >= end) return test
    progress(`${registry}: waiting for the webhook function to read the new secret`)
    await sleep(RETRY_EVERY)
  }
}
