import type { StandIns } from '../src/lake/stand-ins.ts'
import { type Lake, locationUri } from '../src/lake/lake.ts'
import { childEnvironment, type Emulator } from './cloud/emulator.ts'
import { type LocalDatabricks, startDatabricks } from './databricks/server.ts'
import { setUpWorkspace } from './databricks/setup.ts'
import { type LocalMlflow, startMlflow } from './mlflow/server.ts'
import { type LocalSageMaker, sagemakerEnvironment, startSageMaker } from './sagemaker/server.ts'
import { setUpRegistries } from './mlflow/setup.ts'
import { endpointEventSender } from './sagemaker/events.ts'

/** What a lake works with beside AWS. A part of the demo names what it needs; nothing else is started. */
export interface Systems {
  readonly databricks: LocalDatabricks
  readonly sagemaker: LocalSageMaker
  readonly mlflow: LocalMlflow
}
export type SystemName = keyof Systems

export interface SystemContext {
  readonly emulator: Emulator
  readonly lake: Lake
  /** Chosen before the emulator starts, so that functions can be told of it. */
  readonly port: number
}

/** How others find a system, whether it is started or not: nothing then reaches for the real one that lake.yml names. */
interface SystemAddress {
  /** Parameters of the deploy. */
  readonly standIns?: StandIns
  /** Variables that lead AWS SDKs there. */
  readonly services?: Readonly<Record<string, string>>
}

export interface System<Running> {
  readonly title: string
  /** Whether the lake has any use for it. */
  isUsedBy(lake: Lake): boolean
  address(port: number): SystemAddress
  start(context: SystemContext): Promise<Running>
  /** What an operator would set up by hand, once the lake is deployed. */
  setUp?(running: Running, context: SystemContext): Promise<unknown>
  /** What `npm start` prints of it. */
  describe(running: Running): string
}

/** SageMaker's waits are this much shorter: a minute takes 0.6 s. */
const SCALE = 0.01

/** The systems, a row each. */
export const systems: { readonly [Name in SystemName]: System<Systems[Name]> } = {
  databricks: {
    title: 'Databricks stand-in',
    isUsedBy: ({ databricks }) => databricks !== undefined,
    address: (port) => ({ standIns: { databricks: local(port) } }),
    start: ({ emulator, port }) => startDatabricks({ port, environment: childEnvironment(emulator, process.env) }),
    setUp: (workspace, { emulator, lake }) => setUpWorkspace(workspace, emulator, lake),
    describe: ({ host }) => host,
  },
  sagemaker: {
    title: 'SageMaker stand-in',
    isUsedBy: ({ models }) => Object.keys(models).length > 0,
    address: (port) => ({ services: sagemakerEnvironment(port) }),
    start: startSageMakerWithEvents,
    describe: ({ endpoint }) => `${endpoint} (a minute takes ${60 * SCALE} s)`,
  },
  mlflow: {
    title: 'MLflow server',
    isUsedBy: (lake) => mlflowRegistry(lake) !== undefined,
    address: (port) => ({ standIns: { mlflow: local(port) } }),
    async start({ emulator, lake, port }) {
      const registry = mlflowRegistry(lake)
      if (registry === undefined) throw new Error('lake.yml declares no MLflow registry')
      return startMlflow({ port, environment: emulator.environment, artifacts: locationUri(registry.artifacts) })
    },
    setUp: (_, { lake }) => setUpRegistries(lake),
    describe: ({ host }) => host,
  },
}

/** Every system, in the order of the rows. */
export const systemNames = Object.keys(systems) as readonly SystemName[]

function local(port: number): string {
  return `http://127.0.0.1:${port}`
}

function mlflowRegistry({ registries }: Pick<Lake, 'registries'>) {
  return Object.values(registries).find((registry) => registry.kind === 'mlflow')
}

/** Its events go to the emulator's EventBridge, as SageMaker's own do. */
async function startSageMakerWithEvents({ emulator, port }: SystemContext): Promise<LocalSageMaker> {
  const events = endpointEventSender()
  const { endpoint: aws, folder } = emulator
  const sagemaker = await startSageMaker({ port, aws, folder, scale: SCALE, onEvent: events.send })
  return {
    ...sagemaker,
    async stop() {
      await sagemaker.stop()
      events.close()
    },
  }
}
