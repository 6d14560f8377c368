import type { StandIns } from '../../src/lake/stand-ins.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { type SystemContext, type SystemName, systemNames, type Systems, systems } from '../systems.ts'
import { deploy, type DeployResult } from './deploy.ts'
import { type Emulator, type EmulatorOptions, freePort, startEmulator, useEmulator } from './emulator.ts'
import { removeEndpoint, saveEndpoint } from './endpoint.ts'

/** The emulator, and the systems beside it that were asked for. */
export interface LocalCloud {
  readonly emulator: Emulator
  /** Addresses of the systems, started or not, for deploys and for functions that run in this checkout. */
  readonly standIns: StandIns
  /** Deploys the lake. Call it once. */
  deploy(signal: AbortSignal): Promise<DeployResult>
  /** A system that was asked for, once it is up and set up for the deployed lake. */
  system<Name extends SystemName>(name: Name): Promise<Systems[Name]>
  stop(): Promise<void>
}

/** Starts the emulator and, once the lake is deployed, the systems. From here on, AWS clients of this process find all of it. */
export async function startCloud(
  lake: Lake,
  wanted: readonly SystemName[],
  options: Pick<EmulatorOptions, 'port' | 'functionsAt'> = {},
): Promise<LocalCloud> {
  const { ports, standIns, services } = await addresses()
  const emulator = await startEmulator({ ...options, services })
  useEmulator(emulator)
  saveEndpoint({ ...emulator, standIns })
  const deployed = Promise.withResolvers<DeployResult>()
  const running: Promise<{ stop(): Promise<void> }>[] = []
  const ready = new Map<SystemName, Promise<unknown>>()

  function launch<Name extends SystemName>(name: Name): Promise<Systems[Name]> {
    const context: SystemContext = { emulator, lake, port: ports.get(name)! }
    // Not beside the deploy: on two cores it would take twice as long, and with it all that there is to see first.
    const started = deployed.promise.then(() => systems[name].start(context))
    running.push(started)
    return started.then(async (system) => {
      await systems[name].setUp?.(system, context)
      return system
    })
  }

  for (const name of wanted) ready.set(name, launch(name))
  // Failures are reported to those who wait for a system, and not as unhandled before somebody does.
  for (const each of [deployed.promise, ...ready.values()]) each.catch(() => undefined)
  return {
    emulator,
    standIns,
    deploy(signal) {
      deploy(emulator, { ...standIns, signal }).then(deployed.resolve, deployed.reject)
      return deployed.promise
    },
    system<Name extends SystemName>(name: Name) {
      const found = ready.get(name) ?? Promise.reject(new Error(`the system ${name} was not started`))
      return found as Promise<Systems[Name]>
    },
    async stop() {
      removeEndpoint(emulator)
      await Promise.allSettled(running.map(async (started) => (await started).stop()))
      await emulator.stop()
    },
  }
}

/** A free port for each system, and what leads there. */
async function addresses() {
  const ports = new Map<SystemName, number>()
  let standIns: StandIns = {}
  let services: Readonly<Record<string, string>> = {}
  for (const name of systemNames) {
    const port = await freePort()
    ports.set(name, port)
    const address = systems[name].address(port)
    standIns = { ...standIns, ...address.standIns }
    services = { ...services, ...address.services }
  }
  return { ports, standIns, services }
}
