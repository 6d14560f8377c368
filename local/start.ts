/**
 * The whole of Landfall on this machine: `npm start [-- --once] [-- --port N]`. Starts the emulator, deploys lake.yml to it,
 * plays a scenario on real data, and stays up until Ctrl-C; with --once it ends there, with 0 if all went well.
 */
import { copyFileSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { names } from '../src/lake/deployed.ts'
import { locationUri } from '../src/lake/lake.ts'
import { resolveLake } from '../src/lake/resolve.ts'
import { type LocalDatabricks, startDatabricks } from './databricks/server.ts'
import { type Deployed, deploy, STAGE } from './deploy.ts'
import { childEnvironment, type Emulator, freePort, startEmulator, useEmulator } from './emulator.ts'
import { announce, retract } from './endpoint.ts'
import { hasUploads, playFiles } from './files-scenario.ts'
import { aborted, live } from './lifetime.ts'
import { type LocalMlflow, startMlflow } from './mlflow/server.ts'
import { modelRegistry, playModels } from './models-scenario.ts'
import { endpointEvents, setUpRegistries } from './models-setup.ts'
import { type LocalSageMaker, startSageMaker } from './sagemaker/server.ts'
import { playScenario } from './scenario.ts'
import { duration, type Screen, screenOn } from './screen.ts'
import { setUpWorkspace } from './workspace.ts'

const KEPT_LOG = '.landfall/emulator.log'
/** Of SageMaker's waits: a minute of watching takes six tenths of a second. */
const SCALE = 0.01

const { values } = parseArgs({
  options: { once: { type: 'boolean', default: false }, port: { type: 'string' } },
})

await live('npm start', async (signal) => {
  const started = Date.now()
  const screen = screenOn(process.stdout, Date.now)
  let emulator: Emulator | undefined
  let workspace: LocalDatabricks | undefined
  let sagemaker: LocalSageMaker | undefined
  let mlflow: LocalMlflow | undefined
  let deployed: Deployed | undefined
  const events = endpointEvents()
  try {
    screen.section('A lakehouse on this machine')
    await screen.step('AWS emulator', async () => {
      const port = values.port === undefined ? await freePort() : Number(values.port)
      sagemaker = await startSageMaker({ aws: `http://127.0.0.1:${port}`, scale: SCALE, onEvent: events.send })
      emulator = await startEmulator({ port, services: sagemaker.environment })
      useEmulator(emulator)
      announce(emulator)
      return emulator.endpoint
    })
    await screen.step('Databricks stand-in', async () => {
      workspace = await startDatabricks({ environment: childEnvironment(emulator!, process.env) })
      return workspace.host
    })
    const registry = lakeRegistry()
    if (registry !== undefined)
      await screen.step('SageMaker stand-in, MLflow server', async () => {
        mlflow = await startMlflow({ environment: emulator!.environment, artifacts: locationUri(registry.artifacts) })
        return `${sagemaker!.endpoint} (a minute takes ${60 * SCALE} s), ${mlflow.host}`
      })
    await screen.step(`serverless deploy --stage ${STAGE}`, async () => {
      deployed = await deploy(emulator!, {
        databricks: workspace!.host,
        signal,
        ...(mlflow === undefined ? {} : { mlflow: mlflow.host }),
      })
      await setUpWorkspace(workspace!, emulator!, deployed.lake)
      await setUpRegistries(deployed.lake)
      return `${names(deployed.lake).stack}: ${deployed.resources} resources by CloudFormation`
    })
    const { lake } = deployed!
    await playScenario(emulator!, lake, screen, signal)
    if (hasUploads(lake)) await playFiles(emulator!, workspace!, lake, screen, signal)
    if (mlflow !== undefined) await playModels(emulator!, mlflow, lake, screen, signal)
    screen.section(`All done in ${duration(Date.now() - started)}.`)
    if (values.once) return
    invite(screen, emulator!, deployed!, mlflow)
    await aborted(signal)
    screen.line()
  } catch (error) {
    if (emulator !== undefined && !signal.aborted) {
      copyFileSync(emulator.logFile, KEPT_LOG)
      screen.line(`\nThe emulator's log is kept in ${KEPT_LOG}.`)
    }
    throw error
  } finally {
    if (emulator !== undefined) retract(emulator)
    events.close()
    for (const each of [mlflow, workspace, sagemaker, emulator]) await each?.stop()
  }
})

/** The registry of the lake's example model: its server has to be there before the lake is deployed. */
function lakeRegistry() {
  const resolved = resolveLake(readFileSync('lake.yml', 'utf8'), 'lake.yml', STAGE)
  return 'lake' in resolved ? modelRegistry(resolved.lake) : undefined
}

function invite(screen: Screen, emulator: Emulator, { lake }: Deployed, mlflow: LocalMlflow | undefined): void {
  screen.line(`It stays up; Ctrl-C ends it. In another terminal, here:\n`)
  for (const [name, value] of Object.entries(emulator.environment))
    if (name !== 'AWS_EC2_METADATA_DISABLED') screen.line(`    export ${name}=${value}`)
  screen.line()
  const table = Object.values(lake.tables).find((each) => each.catalog !== undefined)
  screen.line(`    npx landfall status --stage ${STAGE}`)
  if (table !== undefined) {
    screen.line(`    npx landfall table s3://${table.location.bucket}/${table.location.prefix}`)
    screen.line(`    aws glue get-table --database-name ${table.catalog?.database} --name ${table.catalog?.table}`)
  }
  screen.line(`    aws s3 ls --recursive s3://${table?.location.bucket ?? ''}\n`)
  if (mlflow !== undefined) inviteToModels(screen, lake, mlflow)
  screen.line(`The emulator's log: ${emulator.logFile}`)
}

function inviteToModels(screen: Screen, { models }: Deployed['lake'], { host }: LocalMlflow): void {
  screen.line(`    npx landfall webhooks doctor --stage ${STAGE}`)
  for (const { endpoint } of Object.values(models)) {
    const { name, smoke } = endpoint
    screen.line(`    npx landfall rollback ${name} --undo --stage ${STAGE}`)
    if (smoke !== undefined)
      screen.line(
        `    aws sagemaker-runtime invoke-endpoint --endpoint-name ${name} --content-type application/json --cli-binary-format raw-in-base64-out --body '${JSON.stringify(smoke.request)}' /dev/stdout`,
      )
  }
  screen.line(`\nMLflow, to move the alias in: ${host}`)
}
