import * as z from 'zod/mini'
import { s3 } from '../../src/aws/clients.ts'
import { Refused } from '../../src/core/refused.ts'
import type { RegistrySettings } from '../../src/registry/settings.ts'
import { s3Artifacts } from '../../src/reactions/deployment/aws/artifacts.ts'
import { ask, type RegistryApi } from '../../src/registry/rest-api.ts'
import { knowsWebhooks } from '../../src/registry/webhook-admin-mlflow.ts'
import type { ExitCode } from '../command.ts'
import { apiWithoutRetries, registryOf, webhooksOf } from '../registries.ts'
import { diagnoseFailure, type Diagnosis, noWebhooksNote, problem } from './diagnosis.ts'
import { diagnoseHooks } from './doctor.ts'
import { diagnoseModel } from './models.ts'
import { sameArguments, type Task, wantedHook } from './task.ts'
import { type Examined, examinedText } from './text.ts'

/** Runs `landfall webhooks doctor`. */
export async function doctor(task: Task): Promise<ExitCode> {
  const { chosen, json, io, waiting } = task
  const all: Examined[] = []
  for (const [registry, settings] of chosen) {
    waiting.progress(`${registry}: examining ${settings.host}`)
    const findings = await examine(registry, settings, task)
    const examined = { registry, host: settings.host, findings }
    all.push(examined)
    if (!json) for (const line of examinedText(examined, io.width)) io.out(line)
  }
  if (json) io.out(JSON.stringify(all, undefined, 2))
  return all.some(({ findings }) => findings.some(({ level }) => level === 'problem')) ? 1 : 0
}

async function examine(registry: string, settings: RegistrySettings, task: Task): Promise<Diagnosis[]> {
  try {
    const api = apiWithoutRetries(settings)
    const found = await examineHooks(registry, settings, api, task)
    // The models would only repeat these problems.
    if (found.some(({ code }) => code === 'unreachable' || code === 'unauthorized')) return found
    const ports = {
      registry: registryOf(task.lake, registry),
      artifacts: s3Artifacts(s3()),
      hasModel: hasModel(api, settings),
    }
    for (const model of Object.values(task.lake.models))
      if (model.registry === registry) found.push(...(await diagnoseModel(model, settings, ports)))
    return found
  } catch (error) {
    return [diagnoseFailure(error, settings)]
  }
}

async function examineHooks(
  registry: string,
  settings: RegistrySettings,
  api: RegistryApi,
  task: Task,
): Promise<Diagnosis[]> {
  const admin = webhooksOf(settings, api)
  if (admin === undefined) return [noWebhooksNote(task.lake, settings)]
  const found: Diagnosis[] = []
  const address = await task.address().catch((error: unknown) => {
    if (!(error instanceof Refused)) throw error
    found.push(problem(error.code, error.message, error.detail.advice ?? 'Deploy the lake.'))
    return undefined
  })
  const wanted = address === undefined ? undefined : wantedHook(task.lake, registry, admin, address)
  const ports = { admin, hasWebhooks: () => knowsWebhooks(api) }
  return [...found, ...(await diagnoseHooks(sameArguments(registry, task), settings, wanted, ports))]
}

function hasModel(api: RegistryApi, { kind }: RegistrySettings): (registered: string) => Promise<boolean> {
  const path = `/api/2.0/mlflow/${kind === 'unity-catalog' ? 'unity-catalog/' : ''}registered-models/get`
  return async (name) => (await ask(api, name, z.object({}), 'GET', path, { name })) !== undefined
}
