import { InvokeEndpointCommand, type SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime'
import { sagemakerRuntime } from '../../src/aws/clients.ts'
import { type Lake, locationUri, type Model } from '../../src/lake/lake.ts'
import { type DeploymentState, parseState } from '../../src/reactions/deployment/state.ts'
import { type LakeAccess, lakeAccess } from './lake-access.ts'
import { landfall } from './landfall-command.ts'
import type { Emulator } from '../cloud/emulator.ts'
import type { LocalMlflow } from '../mlflow/server.ts'
import { startTrainer, type Trainer } from './trainer.ts'
import { count, duration, type Screen } from './screen.ts'

interface Scene {
  readonly lake: LakeAccess
  readonly model: Model & { readonly promote: { readonly alias: string } }
  readonly trainer: Trainer
  readonly runtime: SageMakerRuntimeClient
  readonly screen: Screen
}

/**
 * A data scientist trains on the table of flights and moves an alias, and knows nothing of the rest: the endpoint follows. Then come
 * versions that should never have been promoted.
 */
export async function playModels(
  emulator: Emulator,
  mlflow: LocalMlflow,
  lake: Lake,
  screen: Screen,
  signal: AbortSignal,
): Promise<void> {
  const { model, table } = partsOf(lake)
  const deployed = lakeAccess(lake, signal)
  const runtime = sagemakerRuntime()
  let trainer: Trainer | undefined
  try {
    screen.section(
      `MLflow's ${model.registered}@${model.promote.alias} is what SageMaker's ${model.endpoint.name} serves`,
    )
    await screen.step('MLflow is told where to deliver', () =>
      landfall(['webhooks', 'register', '--stage', lake.stage]),
    )
    await screen.step('a data scientist', async () => {
      trainer = await startTrainer(emulator, mlflow, model.registered, table)
      signal.addEventListener('abort', () => trainer?.close())
      return `reads ${table}`
    })
    const scene = { lake: deployed, model, trainer: trainer!, runtime, screen }
    const first = await improves(scene, 'a straight line is promoted', 'line')
    await isAsked(scene, first)
    const second = await improves(scene, 'a curve, half of the traffic first', 'curve')
    await isAsked(scene, second)
    await slips(scene, 'one that cannot be loaded', 'load', second)
    await slips(scene, 'one that answers no numbers', 'answer', second)
    await screen.step(`landfall rollback ${model.endpoint.name}`, async () => {
      await landfall(['rollback', model.endpoint.name, '--stage', lake.stage])
      return `version ${(await settled(scene, ({ deployments }) => deployments[0]?.version === first)).version} serves again`
    })
    await isAsked(scene, first)
  } finally {
    trainer?.close()
    runtime.destroy()
    deployed.close()
  }
}

/** Whether the lake has what this scenario is about: `delay`, promoted by an alias, and the flights that it is trained on. */
export function hasModel({ models: { delay }, tables: { flights } }: Lake): boolean {
  return delay !== undefined && 'alias' in delay.promote && flights !== undefined
}

function partsOf({ models: { delay }, tables: { flights } }: Lake): { model: Scene['model']; table: string } {
  if (delay === undefined || !('alias' in delay.promote) || flights === undefined)
    throw new Error('lake.yml declares no model `delay` that an alias promotes, and no table `flights`')
  return { model: { ...delay, promote: delay.promote }, table: locationUri(flights.location) }
}

/** A sound version takes over. */
async function improves(scene: Scene, label: string, kind: 'line' | 'curve'): Promise<string> {
  const { screen, trainer, model } = scene
  let version = ''
  await screen.step(label, async (note) => {
    note('training')
    const trained = await trainer.fit(kind)
    version = trained.version
    const promoted = Date.now()
    await trainer.promote(version, model.promote.alias)
    const { at } = await settled(scene, ({ deployments }) => deployments[0]?.version === version, note)
    return `v${version}, ${trained.off.toFixed(1)} min off on ${count(trained.rows)} flights; serves +${duration(at - promoted)}`
  })
  return version
}

/** One that should not have been promoted: what worked serves on, or again. */
async function slips(scene: Scene, label: string, how: 'load' | 'answer', before: string): Promise<void> {
  const { screen, trainer, model } = scene
  await screen.step(label, async (note) => {
    const { version } = await trainer.slip(how)
    await trainer.promote(version, model.promote.alias)
    await settled(
      scene,
      ({ deployments, failed }) => failed?.version === version && deployments[0]?.version === before,
      note,
    )
    const reason = await scene.lake.until(`what MLflow says of version ${version}`, async () => {
      const tags = await trainer.tags(version)
      return tags[`landfall.${model.endpoint.name}.reason`] || undefined
    })
    // SageMaker's reasons are several sentences.
    return `v${version} is rolled back, v${before} serves. MLflow says why: ${reason.split('. ')[0]}`
  })
}

/** The endpoint answers what the version answers that is asked without it. */
async function isAsked({ screen, trainer, runtime, model }: Scene, version: string): Promise<void> {
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
    return `${found.predictions.map((minutes) => `${minutes.toFixed(1)} min`).join(', ')}: as version ${version} itself answers`
  })
}

/** Waits until the deployment stands so, with nothing under way. */
async function settled(
  { lake, model }: Scene,
  isSo: (state: DeploymentState) => boolean,
  note: (text: string) => void = () => undefined,
): Promise<{ readonly version: string; readonly at: number }> {
  return lake.until(`the endpoint ${model.endpoint.name}`, async () => {
    const cursor = await lake.endpoint(model.endpoint.name)
    if (cursor.refusal !== undefined) throw new Error(`the deployment is refused: ${cursor.refusal.reason}`)
    const state = parseState(cursor.state)
    note(state.pending === undefined ? 'nobody has looked yet' : `${state.pending.config} is on its way`)
    const [first] = state.deployments
    return isSo(state) && cursor.run === undefined && first !== undefined ? first : undefined
  })
}
