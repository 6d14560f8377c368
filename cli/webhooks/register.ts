import type { Hook, TestDelivery, WebhookAdmin } from '../../src/registry/webhook-admin.ts'
import type { Waiting } from '../pausing.ts'
import { findHooks, type WantedHook } from './hooks.ts'
import { rotatedSecret, type SecretKeeper, signingSecret } from './secret.ts'

/** What became of a registry's webhook. */
export interface Registered {
  readonly registry: string
  readonly url: string
  /** The webhook's id at the registry. */
  readonly id: string
  /** `unchanged`: it was there, as it should be. */
  readonly outcome: 'made' | 'mended' | 'unchanged'
  /** What was wrong with one that was mended. */
  readonly why: readonly string[]
  /** True: there was no secret to sign with, and one was made. */
  readonly madeSecret: boolean
  /** The ids of others that deliver the same again, or somewhere that is not ours any more. */
  readonly duplicates: readonly string[]
  readonly strays: readonly string[]
  /** Whether the duplicates and strays were removed. */
  readonly pruned: boolean
  readonly test: TestDelivery
}

export interface Registering {
  readonly registry: string
  readonly wanted: WantedHook
  readonly secret: string
  readonly madeSecret: boolean
  readonly prune: boolean
}

/**
 * The function that takes deliveries in reads the secret again when one does not fit, but not at once after it did so
 * (`src/intake/webhook/secrets.ts`): so long may the right one not be taken, in ms.
 */
const UNHEARD = 20_000
const AGAIN = 2_500

/**
 * Makes the webhook of a registry, or mends the one that is there, and has it deliver an example. Safe to repeat: what is as it
 * should be is left alone. What a webhook signs with cannot be read; that it is another one shows in the delivery.
 */
export async function register(
  { registry, wanted, secret, madeSecret, prune }: Registering,
  admin: WebhookAdmin,
  waiting: Waiting,
): Promise<Registered> {
  const { hook: found, faults, duplicates, strays } = findHooks(await admin.list(), wanted)
  const why = [...faults]
  let hook: Hook
  // One that was there before its secret was made signs with another one.
  let isSigning = found === undefined || madeSecret
  if (found === undefined) hook = await admin.create(wanted.name, wanted.url, secret)
  else if (madeSecret || faults.length > 0) hook = await admin.mend(found, madeSecret ? secret : undefined)
  else hook = found
  if (found !== undefined && madeSecret) why.push('there was no secret for it')
  let test = await admin.test(hook.id)
  if (test.status === 401 && !isSigning) {
    await admin.mend(hook, secret)
    why.push('it signed with another secret')
    isSigning = true
    test = await admin.test(hook.id)
  }
  if (test.status === 401) test = await untilTaken(hook.id, registry, admin, waiting)
  if (prune) for (const { id } of [...duplicates, ...strays]) await admin.remove(id)
  return {
    registry,
    url: wanted.url,
    id: hook.id,
    outcome: found === undefined ? 'made' : why.length > 0 ? 'mended' : 'unchanged',
    why,
    madeSecret,
    duplicates: duplicates.map(({ id }) => id),
    strays: strays.map(({ id }) => id),
    pruned: prune,
    test,
  }
}

/**
 * Has a webhook sign with a new secret. Interrupted anywhere, it signs with one that is taken.
 *
 * @param id the name of the registry's secret
 */
export async function rotate(
  hook: Hook,
  id: string,
  admin: Pick<WebhookAdmin, 'mend'>,
  secrets: SecretKeeper,
  random: () => string,
): Promise<void> {
  // A rotation that was interrupted left it signing with the second of two, which is the one that goes now.
  await admin.mend(hook, (await signingSecret(id, secrets, random)).secret)
  // Taken before anything is signed with it, so that no delivery is lost.
  await admin.mend(hook, await rotatedSecret(id, secrets, random))
}

/** Has an example delivered, until the secret that it is signed with is known. */
export async function untilTaken(
  id: string,
  registry: string,
  admin: WebhookAdmin,
  { now, sleep, progress }: Waiting,
): Promise<TestDelivery> {
  const end = now() + UNHEARD
  for (;;) {
    const test = await admin.test(id)
    if (test.status !== 401 || now() >= end) return test
    progress(`${registry}: the secret is not known yet where webhooks are taken in`)
    await sleep(AGAIN)
  }
}
