import { InvokeEndpointCommand, type SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime'
import { sagemakerRuntime } from '../../src/aws/clients.ts'
import type { EpochMs } from '../../src/core/time.ts'
import type { Lake } from '../../src/lake/lake.ts'
import type { Model } from '../../src/reactions/deployment/settings.ts'
import { type DeploymentState, parseState } from '../../src/reactions/deployment/state.ts'
import { type LakeAccess, lakeAccess } from './lake-access.ts'
import { landfall } from './landfall-command.ts'
import type { Part, PartContext } from './part.ts'
import { count, duration, type Screen } from './screen.ts'
import { startTrainer, type Trainer } from './trainer.ts'

interface Scene {
  readonly lake: LakeAccess
  readonly model: Model & { readonly promote: { readonly alias: string } }
  readonly trainer: Trainer
  readonly runtime: SageMakerRuntimeClient
  readonly screen: Screen
}

/**
 * A data scientist trains models on flights, registers them with MLflow and moves an alias. The SageMaker endpoint follows, except
 * to versions that do not work.
 */
export const deployment: Part = {
  name: 'deployment',
  summary: 'an MLflow alias moves, the SageMaker endpoint follows or rolls back',
  systems: ['sagemaker', 'mlflow'],
  after: [],
  missing: (lake) =>
    modelOf(lake) === undefined ? 'a model `delay` that an alias promotes, in an MLflow registry' : undefined,
  title(lake) {
    const { registered, promote, endpoint } = modelOf(lake)!
    return `deployment: ${registered}@${promote.alias} in MLflow is what\n${endpoint.name} on SageMaker serves`
  },
  play,
}

function modelOf({ models: { delay }, registries }: Lake): Scene['model'] | undefined {
  if (delay === undefined || !('alias' in delay.promote)) return undefined
  return registries[delay.registry]?.kind === 'mlflow' ? { ...delay, promote: delay.promote } : undefined
}

async function play({ emulator, lake, screen, signal, system }: PartContext): Promise<void> {
  const model = modelOf(lake)!
  const mlflow = await system('mlflow')
  await system('sagemaker')
  const access = lakeAccess(lake, signal)
  const runtime = sagemakerRuntime()
  let trainer: Trainer | undefined
  try {
    await screen.step('webhook registered in MLflow', () => landfall(['webhooks', 'register', '--stage', lake.stage]))
    await screen.step('a data scientist', async () => {
      trainer = await startTrainer(emulator, mlflow, model.registered)
      signal.addEventListener('abort', () => trainer?.close())
      return 'with flights of 2001 from vega-datasets'
    })
    await promoteVersions({ lake: access, model, trainer: trainer!, runtime, screen }, lake.stage)
  } finally {
    trainer?.close()
    runtime.destroy()
    access.close()
  }
}

async function promoteVersions(scene: Scene, stage: string): Promise<void> {
  const { model, screen } = scene
  const first = await promoteWorking(scene, 'v1, a line, is promoted', 'line')
  await compareAnswers(scene, first)
  const second = await promoteWorking(scene, 'v2, a curve, by canary', 'curve')
  await compareAnswers(scene, second)
  await promoteBroken(scene, 'v3 cannot be loaded', 'load', second)
  await promoteBroken(scene, 'v4 answers no numbers', 'answer', second)
  await screen.step('landfall rollback', async () => {
    await landfall(['rollback', model.endpoint.name, '--stage', stage])
    const { version } = await settled(scene, ({ deployments }) => deployments[0]?.version === first)
    return `${model.endpoint.name} serves v${version} again`
  })
  await compareAnswers(scene, first)
}

/** Trains and promotes a version that works: the endpoint takes it over. */
async function promoteWorking(scene: Scene, label: string, kind: 'line' | 'curve'): Promise<string> {
  const { screen, trainer, model } = scene
  let version = ''
  await screen.step(label, async (note) => {
    note('training')
    const trained = await trainer.fit(kind)
    version = trained.version
    const promoted = Date.now()
    await trainer.promote(version, model.promote.alias)
    const { at } = await settled(scene, ({ deployments }) => deployments[0]?.version === version, note)
    const served = duration(at - promoted)
    return `v${version} served +${served}; ${trained.off.toFixed(1)} min off, trained on ${count(trained.rows)} flights`
  })
  return version
}

/** Promotes a version that does not work: the endpoint serves `before` on, or again, and MLflow has the reason. */
async function promoteBroken(scene: Scene, label: string, how: 'load' | 'answer', before: string): Promise<void> {
  const { screen, trainer, model } = scene
  await screen.step(label, async (note) => {
    const { version } = await trainer.registerBroken(how)
    await trainer.promote(version, model.promote.alias)
    await settled(
      scene,
      ({ deployments, failed }) => failed?.version === version && deployments[0]?.version === before,
      note,
    )
    const reason = await scene.lake.until(`the reason in MLflow's tags of version ${version}`, async () => {
      const tags = await trainer.tags(version)
      return tags[`landfall.${model.endpoint.name}.reason`] || undefined
    })
    // SageMaker's reasons are several sentences.
    return `v${version} is rolled back, v${before} serves. The reason, in MLflow: ${reason.split('. ')[0]}`
  })
}

/** The endpoint's answer must be what the version itself answers without an endpoint. */
async function compareAnswers({ screen, trainer, runtime, model }: Scene, version: string): Promise<void> {
  const request = {
    dataframe_records: [
      { distance: 405, hour: 17, weekday: 4 },
      { distance: 2176, hour: 6, weekday: 1 },
    ],
  }
  await screen.step('  InvokeEndpoint', async () => {
    const { Body } = await runtime.send(
      new InvokeEndpointCommand({
        EndpointName: model.endpoint.name,
        ContentType: 'application/json',
        Body: JSON.stringify(request),
      }),
    )
    const found = JSON.parse(Body?.transformToString() ?? '') as { predictions: number[] }
    const truth = await trainer.answers(version, request)
    if (JSON.stringify(found.predictions) !== JSON.stringify(truth.predictions))
      throw new Error(`the endpoint answers ${JSON.stringify(found)}, version ${version} ${JSON.stringify(truth)}`)
    const minutes = found.predictions.map((each) => `${each.toFixed(1)} min`).join(', ')
    return `${minutes}: same as v${version} itself`
  })
}

/** Waits until the deployment is as expected, with nothing in progress. */
async function settled(
  { lake, model }: Scene,
  isExpected: (state: DeploymentState) => boolean,
  note: (text: string) => void = () => undefined,
): Promise<{ readonly version: string; readonly at: EpochMs }> {
  return lake.until(`the endpoint ${model.endpoint.name}`, async () => {
    const cursor = await lake.endpoint(model.endpoint.name)
    if (cursor.refusal !== undefined) throw new Error(`the deployment is refused: ${cursor.refusal.reason}`)
    const state = parseState(cursor.state)
    note(state.candidate === undefined ? 'promoted, waiting for Landfall' : `deploying ${state.candidate.config}`)
    const [first] = state.deployments
    return isExpected(state) && cursor.run === undefined && first !== undefined ? first : undefined
  })
}
