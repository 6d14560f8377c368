import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod/mini'
import { s3, secretsmanager } from '../../src/aws/clients.ts'
import { s3Artifacts } from '../../src/reactions/deployment/aws/artifacts.ts'
import { Unavailable } from '../../src/http/http.ts'
import { ask, type RegistryApi } from '../../src/registry/api.ts'
import { knowsWebhooks } from '../../src/registry/webhook-admin-mlflow.ts'
import { CallFailed, type WebhookAdmin } from '../../src/registry/webhook-admin.ts'
import { Refused } from '../../src/core/refused.ts'
import { isMlflowApp, type Lake, type RegistrySettings } from '../../src/lake/lake.ts'
import { hasWebhooks } from '../../src/intake/webhook/sources.ts'
import { readArguments } from '../arguments.ts'
import { type Command, type ExitCode, type Io, UsageError } from '../command.ts'
import { onDeployed } from '../lake.ts'
import type { Waiting } from '../pausing.ts'
import { progressOn } from '../progress.ts'
import { askedOnce, registriesOf, registryOf, webhooksOf } from '../registries.ts'
import { webhookAddress } from './address.ts'
import { examineHooks, failureFinding, type Diagnosis, note, problem, testFinding } from './doctor.ts'
import { findHooks, hookName, hookUrl, type WantedHook } from './hooks.ts'
import { examineModel } from './models.ts'
import { register, type Registered, rotate as rotateHook, untilTaken } from './register.ts'
import { secretKeeper, signingSecret } from './secret.ts'
import { type Examined, examinedText, registeredText } from './text.ts'

export const command: Command = {
  summary: 'has registries tell of promotions, and finds why they do not',
  usage: `landfall webhooks register|doctor|rotate [REGISTRY] [FILE] [--url URL] [--prune] [--stage STAGE] [--json]

  register       makes the webhook of each registry, or mends the one that is there, and has it deliver an example
  doctor         says what stands between a promotion in the registry and its deployment, and changes nothing
  rotate         has the webhook sign with a new secret; the one before is taken until the next rotation
  REGISTRY       its name in lake.yml; all of them without it
  FILE           the lake; lake.yml without it
  --url URL      where webhooks are taken in; the deployed HTTP API without it
  --prune        removes others that deliver the same again, or to an address that this lake has no more
  --stage STAGE  which deployment of it; dev without it, local for the one that npm start runs
  --json         one JSON document

Registering twice changes nothing. What webhooks sign with is made where the registry's secret has none, and put there as
"webhook". Exits with 1 when an example was not taken, or the doctor found a problem.

  landfall webhooks register main --stage prod`,

  async run(args, io) {
    const options = readArguments(args, {
      operands: ['register|doctor|rotate', '[REGISTRY]'],
      options: { url: { type: 'string' }, prune: { type: 'boolean' } },
    })
    const [verb = '', name] = options.operands
    const work = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
    if (work === undefined) throw new UsageError(`'${verb}' is none of ${Object.keys(verbs).join(', ')}`)
    const { prune } = options.options
    const url = addressOf(options.options['url'])
    return onDeployed(options, io, ({ lake }) => {
      if (Object.keys(lake.registries).length === 0)
        throw new UsageError(`the lake ${lake.name} has no registries: nothing tells of promotions`)
      return work({
        lake,
        chosen: registriesOf(lake, name),
        address: () => (url === undefined ? webhookAddress(lake) : Promise.resolve(url)),
        url,
        prune: prune === true,
        json: options.json,
        io,
        waiting: { now: Date.now, sleep: (ms) => sleep(ms), progress: progressOn(io, Date.now) },
      })
    })
  },
}

interface Work {
  readonly lake: Lake
  readonly chosen: readonly (readonly [string, RegistrySettings])[]
  /** Where webhooks are taken in. */
  address(): Promise<string>
  /** The address that was given in place of the deployed one. */
  readonly url: string | undefined
  readonly prune: boolean
  readonly json: boolean
  readonly io: Io
  readonly waiting: Waiting
}

const verbs: Readonly<Record<string, (work: Work) => Promise<ExitCode>>> = { register: registerAll, doctor, rotate }

const random = () => randomBytes(32).toString('base64url')

interface Hooked {
  readonly registry: string
  readonly secret: string
  readonly wanted: WantedHook
  readonly admin: WebhookAdmin
}

/** Of those that are meant, the ones with webhooks; what is said of the others. */
async function hooked({ lake, chosen, address, io }: Work): Promise<Hooked[]> {
  const found: Hooked[] = []
  for (const [registry, settings] of chosen) {
    const admin = webhooksOf(settings, askedOnce(settings))
    if (admin === undefined || !hasWebhooks(settings))
      io.err(`${registry}: ${withoutHooks(lake, settings)[0]!.message}`)
    else
      found.push({
        registry,
        secret: settings.secret,
        admin,
        wanted: wantedHook(lake, registry, admin, await address()),
      })
  }
  return found
}

function wantedHook(lake: Lake, registry: string, { events }: WebhookAdmin, address: string): WantedHook {
  const ours = Object.keys(lake.registries).map((each) => hookUrl(address, each))
  return { name: hookName(lake), url: hookUrl(address, registry), events, ours }
}

async function registerAll(work: Work): Promise<ExitCode> {
  return eachHook(work, async ({ registry, secret: id, wanted, admin }) => {
    const { secret, isNew: madeSecret } = await signingSecret(id, secretKeeper(secretsmanager()), random)
    return register({ registry, wanted, secret, madeSecret, prune: work.prune }, admin, work.waiting)
  })
}

async function rotate(work: Work): Promise<ExitCode> {
  const { io, waiting } = work
  const code = await eachHook(work, async ({ registry, secret: id, wanted, admin }) => {
    const { hook } = findHooks(await admin.list(), wanted)
    if (hook === undefined)
      throw new Refused('no-webhook', `no webhook delivers to ${wanted.url}`, {
        advice: `Make it: landfall webhooks register ${meant(registry, work)}`,
      })
    await rotateHook(hook, id, admin, secretKeeper(secretsmanager()), random)
    const test = await untilTaken(hook.id, registry, admin, waiting)
    const nothing = { duplicates: [], strays: [], pruned: false }
    return {
      registry,
      url: wanted.url,
      id: hook.id,
      outcome: 'mended',
      why: ['it signs with a new secret'],
      madeSecret: true,
      test,
      ...nothing,
    }
  })
  if (!work.json)
    io.out('MLflow may sign with the secret before for a minute more: it stays in the registry’s secret as the second.')
  return code
}

async function eachHook(work: Work, carryOut: (hook: Hooked) => Promise<Registered>): Promise<ExitCode> {
  const { json, io } = work
  const done: Registered[] = []
  for (const hook of await hooked(work)) {
    const registered = await carryOut(hook).catch((error: unknown) => {
      if (error instanceof Unavailable) throw unanswered(hook.registry, work, error)
      throw error instanceof CallFailed ? unregistered(hook.registry, work, error) : error
    })
    done.push(registered)
    const test = testFinding(
      meant(hook.registry, work),
      { id: '', name: '', events: [], isActive: true, url: registered.url },
      registered.test,
    )
    if (!json) for (const line of registeredText(registered, test, io.width)) io.out(line)
  }
  if (json) io.out(JSON.stringify(done, undefined, 2))
  return done.every(({ test }) => test.delivered) ? 0 : 1
}

/** What a command about a registry of this deployment ends in: without the stage or the address it would be about another one's. */
function meant(registry: string, { lake, url }: Pick<Work, 'lake' | 'url'>): string {
  return `${registry}${url === undefined ? '' : ` --url ${url}`} --stage ${lake.stage}`
}

/** @throws {UsageError} */
function addressOf(given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined
  if (URL.canParse(given) && /^https?:/.test(given)) return given
  throw new UsageError(
    `--url takes the address that webhooks are taken in at, as in https://example.com, not '${given}'`,
  )
}

function unanswered(registry: string, work: Work, cause: Unavailable): Error {
  const more = `landfall webhooks doctor ${meant(registry, work)}`
  return new Error(`the registry ${registry} does not answer. What is wrong: ${more}`, { cause })
}

function unregistered(registry: string, work: Work, cause: CallFailed): Refused {
  const advice = `What is wrong: landfall webhooks doctor ${meant(registry, work)}`
  return new Refused(
    'registry-refused',
    `the registry ${registry} does not have it: ${cause.message}`,
    { advice },
    { cause },
  )
}

async function doctor(work: Work): Promise<ExitCode> {
  const { chosen, json, io, waiting } = work
  const all: Examined[] = []
  for (const [registry, settings] of chosen) {
    waiting.progress(`${registry}: looking at ${settings.host}`)
    const findings = await examine(registry, settings, work)
    const examined = { registry, host: settings.host, findings }
    all.push(examined)
    if (!json) for (const line of examinedText(examined, io.width)) io.out(line)
  }
  if (json) io.out(JSON.stringify(all, undefined, 2))
  return all.some(({ findings }) => findings.some(({ level }) => level === 'problem')) ? 1 : 0
}

async function examine(registry: string, settings: RegistrySettings, work: Work): Promise<Diagnosis[]> {
  const { lake, address } = work
  try {
    const api = askedOnce(settings)
    const admin = webhooksOf(settings, api)
    const found: Diagnosis[] = []
    if (admin === undefined) found.push(...withoutHooks(lake, settings))
    else {
      const at = await address().catch((error: unknown) => {
        if (!(error instanceof Refused)) throw error
        found.push(problem(error.code, error.message, error.detail.advice ?? 'Deploy the lake.'))
        return undefined
      })
      const wanted = at === undefined ? undefined : wantedHook(lake, registry, admin, at)
      const hookPorts = { admin, hasWebhooks: () => knowsWebhooks(api) }
      found.push(...(await examineHooks(meant(registry, work), settings, wanted, hookPorts)))
    }
    // What nobody answers to is told once.
    if (found.some(({ code }) => code === 'unreachable' || code === 'unauthorized')) return found
    const models = Object.values(lake.models).filter((model) => model.registry === registry)
    const ports = {
      registry: registryOf(lake, registry),
      artifacts: s3Artifacts(s3()),
      hasModel: hasModel(api, settings),
    }
    for (const model of models) found.push(...(await examineModel(model, settings, ports)))
    return found
  } catch (error) {
    return [failureFinding(error, settings)]
  }
}

function hasModel(api: RegistryApi, { kind }: RegistrySettings): (registered: string) => Promise<boolean> {
  const path = `/api/2.0/mlflow/${kind === 'unity-catalog' ? 'unity-catalog/' : ''}registered-models/get`
  return async (name) => (await ask(api, name, z.object({}), 'GET', path, { name })) !== undefined
}

/** How those without webhooks tell of a promotion. */
function withoutHooks({ name, stage }: Lake, settings: RegistrySettings): Diagnosis[] {
  return settings.kind === 'sagemaker'
    ? [
        note(
          'by-eventbridge',
          isMlflowApp(settings)
            ? 'an MLflow App has no webhooks, and AWS documents no events of it: the sweep finds promotions, within 15 minutes'
            : 'MLflow as SageMaker runs it has no webhooks: it tells of promotions over EventBridge, at best effort; the sweep finds what that lost',
        ),
      ]
    : [
        note(
          'no-webhooks',
          'Unity Catalog has no webhooks: the sweep finds promotions, within 15 minutes',
          `Sooner by a job with a model update trigger, whose task invokes the function landfall-${name}-${stage}-sweep with {"subject": "endpoint/NAME"}.`,
        ),
      ]
}
