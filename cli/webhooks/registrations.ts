import { randomBytes } from 'node:crypto'
import { secretsmanager } from '../../src/aws/clients.ts'
import { Refused } from '../../src/core/refused.ts'
import { Unavailable } from '../../src/http/http.ts'
import { hasWebhooks } from '../../src/registry/settings.ts'
import type { WebhookAdmin } from '../../src/registry/ports.ts'
import { CallFailed } from '../../src/registry/webhook-calls.ts'
import { CommandError, type ExitCode } from '../command.ts'
import { apiWithoutRetries, webhooksOf } from '../registries.ts'
import { diagnoseDelivery } from './delivery.ts'
import { noWebhooksNote } from './diagnosis.ts'
import { findHooks, type WantedHook } from './hooks.ts'
import { register, type Registered, rotate, testUntilAccepted } from './register.ts'
import { secretKeeper, signingSecret } from './secret.ts'
import { sameArguments, type Task, wantedHook } from './task.ts'
import { registeredText } from './text.ts'

/** A registry whose webhook is to be set up. */
interface Registration {
  readonly registry: string
  /** Id of the registry's secret. */
  readonly secret: string
  readonly wanted: WantedHook
  readonly admin: WebhookAdmin
}

const random = () => randomBytes(32).toString('base64url')

/** Runs `landfall webhooks register`. */
export async function registerAll(task: Task): Promise<ExitCode> {
  return forEachRegistration(task, async ({ registry, secret: id, wanted, admin }) => {
    const { secret, isNew: madeSecret } = await signingSecret(id, secretKeeper(secretsmanager()), random)
    return register({ registry, wanted, secret, madeSecret, prune: task.prune }, admin, task.waiting)
  })
}

/** Runs `landfall webhooks rotate`. */
export async function rotateAll(task: Task): Promise<ExitCode> {
  const code = await forEachRegistration(task, async ({ registry, secret: id, wanted, admin }) => {
    const { hook } = findHooks(await admin.list(), wanted)
    if (hook === undefined)
      throw new Refused('no-webhook', `no webhook delivers to ${wanted.url}`, {
        advice: `Create it: landfall webhooks register ${sameArguments(registry, task)}`,
      })
    await rotate(hook, id, admin, secretKeeper(secretsmanager()), random)
    return {
      registry,
      url: wanted.url,
      id: hook.id,
      outcome: 'updated',
      why: ['it signs with a new secret'],
      madeSecret: true,
      duplicates: [],
      strays: [],
      pruned: false,
      test: await testUntilAccepted(hook.id, registry, admin, task.waiting),
    }
  })
  if (!task.json)
    task.io.out("MLflow may sign with the previous secret for another minute; it stays valid in the registry's secret")
  return code
}

async function forEachRegistration(
  task: Task,
  carryOut: (registration: Registration) => Promise<Registered>,
): Promise<ExitCode> {
  const { json, io } = task
  const all: Registered[] = []
  for (const registration of await registrationsOf(task)) {
    const same = sameArguments(registration.registry, task)
    const registered = await carryOut(registration).catch((error: unknown) => {
      throw explained(error, registration.registry, `Find the cause: landfall webhooks doctor ${same}`)
    })
    all.push(registered)
    if (json) continue
    const delivery = diagnoseDelivery(same, registered.url, registered.test)
    for (const line of registeredText(registered, delivery, io.width)) io.out(line)
  }
  if (json) io.out(JSON.stringify(all, undefined, 2))
  return all.every(({ test }) => test.delivered) ? 0 : 1
}

/** The chosen registries that have webhooks; prints a note for each of the others. */
async function registrationsOf({ lake, chosen, address, io }: Task): Promise<Registration[]> {
  const found: Registration[] = []
  for (const [registry, settings] of chosen) {
    const admin = webhooksOf(settings, apiWithoutRetries(settings))
    if (admin === undefined || !hasWebhooks(settings)) {
      io.err(`${registry}: ${noWebhooksNote(lake, settings).message}`)
      continue
    }
    const wanted = wantedHook(lake, registry, admin, await address())
    found.push({ registry, secret: settings.secret, admin, wanted })
  }
  return found
}

function explained(cause: unknown, registry: string, advice: string): unknown {
  if (cause instanceof Unavailable) return new CommandError(`registry ${registry} does not answer`, advice, { cause })
  if (!(cause instanceof CallFailed)) return cause
  return new Refused(
    'registry-refused',
    `registry ${registry} rejected the call: ${cause.message}`,
    { advice },
    { cause },
  )
}
