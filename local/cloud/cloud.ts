import type { StandIns } from '../../src/lake/stand-ins.ts'
import { names } from '../../src/lake/resource-names.ts'
import { type Lake, locationUri } from '../../src/lake/lake.ts'
import { type LocalDatabricks, startDatabricks } from '../databricks/server.ts'
import { type DeployResult, deploy, STAGE } from './deploy.ts'
import {
  childEnvironment,
  type Emulator,
  type EmulatorOptions,
  freePort,
  startEmulator,
  useEmulator,
} from './emulator.ts'
import { saveEndpoint, removeEndpoint } from './endpoint.ts'
import { type LocalMlflow, startMlflow } from '../mlflow/server.ts'
import { endpointEventSender, setUpRegistries } from '../sagemaker/setup.ts'
import { type LocalSageMaker, sagemakerEnvironment, startSageMaker } from '../sagemaker/server.ts'
import type { Screen } from '../demo/screen.ts'
import { setUpWorkspace } from '../databricks/setup.ts'

/** Of SageMaker's waits: a minute of watching takes six tenths of a second. */
const SCALE = 0.01

/** All that a lake needs of the outside, on this machine. */
export interface LocalCloud {
  readonly emulator: Emulator
  readonly workspace: LocalDatabricks
  readonly sagemaker: LocalSageMaker
  /** Absent where no registry of the lake is an MLflow server. */
  readonly mlflow?: LocalMlflow
  stop(): Promise<void>
}

interface Parts {
  emulator?: Emulator
  workspace?: LocalDatabricks
  sagemaker?: LocalSageMaker
  mlflow?: LocalMlflow
}

/** Starts the emulator and what stands beside it; from here on, clients in this process find all of it. */
export async function startCloud(
  lake: Pick<Lake, 'registries'>,
  screen: Screen,
  options: Pick<EmulatorOptions, 'port' | 'functionsAt'> = {},
): Promise<LocalCloud> {
  const parts: Parts = {}
  const events = endpointEventSender()
  const stop = async (): Promise<void> => {
    if (parts.emulator !== undefined) removeEndpoint(parts.emulator)
    events.close()
    for (const each of [parts.mlflow, parts.workspace, parts.sagemaker, parts.emulator]) await each?.stop()
  }
  try {
    // Known before it listens: the emulator hands it to functions, and its folder goes with it, however that ends.
    const port = await freePort()
    await screen.step('AWS emulator', async () => {
      parts.emulator = await startEmulator({ ...options, services: sagemakerEnvironment(port) })
      useEmulator(parts.emulator)
      saveEndpoint(parts.emulator)
      return parts.emulator.endpoint
    })
    const emulator = parts.emulator!
    const { endpoint: aws, folder } = emulator
    const sagemaker = await startSageMaker({ port, aws, folder, scale: SCALE, onEvent: events.send })
    parts.sagemaker = sagemaker
    await screen.step('Databricks stand-in', async () => {
      parts.workspace = await startDatabricks({ environment: childEnvironment(emulator, process.env) })
      return parts.workspace.host
    })
    await startRegistry(lake, screen, parts, emulator)
    const cloud = {
      emulator,
      sagemaker,
      workspace: parts.workspace!,
      ...(parts.mlflow && { mlflow: parts.mlflow }),
      stop,
    }
    saveEndpoint({ ...emulator, standIns: standInsOf(cloud) })
    return cloud
  } catch (error) {
    await stop()
    throw error
  }
}

async function startRegistry(
  { registries }: Pick<Lake, 'registries'>,
  screen: Screen,
  parts: Parts,
  { environment }: Emulator,
): Promise<void> {
  const registry = Object.values(registries).find(({ kind }) => kind === 'mlflow')
  if (registry === undefined) return
  await screen.step('SageMaker stand-in, MLflow server', async () => {
    parts.mlflow = await startMlflow({ environment, artifacts: locationUri(registry.artifacts) })
    return `${parts.sagemaker!.endpoint} (a minute takes ${60 * SCALE} s), ${parts.mlflow.host}`
  })
}

/** What lake.yml says of the outside, and is here: for a deploy, and for functions that run in this checkout. */
export function standInsOf({ workspace, mlflow }: LocalCloud): StandIns {
  return { databricks: workspace.host, ...(mlflow && { mlflow: mlflow.host }) }
}

/** Deploys the lake, and sets up what somebody does by hand for one. */
export async function deployLake(cloud: LocalCloud, screen: Screen, signal: AbortSignal): Promise<DeployResult> {
  let deployed: DeployResult | undefined
  await screen.step(`serverless deploy --stage ${STAGE}`, async () => {
    deployed = await deploy(cloud.emulator, { ...standInsOf(cloud), signal })
    await setUpWorkspace(cloud.workspace, cloud.emulator, deployed.lake)
    await setUpRegistries(deployed.lake)
    return `${names(deployed.lake).stack}: ${deployed.resources} resources by CloudFormation`
  })
  return deployed!
}
