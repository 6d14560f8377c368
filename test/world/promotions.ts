import { calm } from './faults.ts'
import { type DeploymentWorld, deploymentWorld, type Fate } from './deployment-world.ts'

export const MINUTE = 60_000
/** The compute of an autoscaled model; a new object each time, since tests change it. */
export const autoscaled = () => ({ kind: 'instances', type: 'ml.m5.large', min: 2, max: 6, invocations: 100 }) as const

/** Runs the function on all waiting messages at once. */
export async function takeAll(world: DeploymentWorld): Promise<void> {
  const waiting = Array.from({ length: world.waiting() }, (_, at) => at)
  if (waiting.length > 0) await world.run(waiting, calm)
}

/** Lets time pass: every message is processed, and the sweep runs every 15 minutes. */
export async function pass(world: DeploymentWorld, minutes: number): Promise<void> {
  for (let minute = 0; minute <= minutes; minute++) {
    if (minute % 15 === 14) world.wake(true)
    for (let round = 0; round < 3; round++) await takeAll(world)
    if (minute < minutes) world.clock.now += MINUTE
    world.sagemaker.core.advance()
  }
}

/** Time without faults, as {@link pass}; builds of containers succeed. */
export async function settle(world: DeploymentWorld, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    if (world.images.builds[0]?.status === 'IN_PROGRESS') world.images.end('3.17.2', 'SUCCEEDED')
    world.clock.now += MINUTE
    world.sagemaker.core.advance()
    if (minute % 15 === 0) world.wake(true)
    await takeAll(world)
  }
}

export async function promote(world: DeploymentWorld, fate: Fate, minutes = 30): Promise<string> {
  const version = await world.register(fate)
  world.promote(version)
  world.wake()
  await pass(world, minutes)
  return version
}

/** A world with MLflow's container, and versions promoted one after the other. */
export async function worldWith(fates: readonly Fate[], over: Parameters<typeof deploymentWorld>[0] = {}) {
  const world = deploymentWorld(over)
  world.images.push('3.17.2')
  for (const fate of fates) await promote(world, fate)
  return world
}

/** The kept deployment of a version. */
export async function configOf(world: DeploymentWorld, version: string): Promise<string> {
  const found = (await world.state()).deployments.find((each) => each.version === version)
  if (found === undefined) throw new Error(`no deployment of version ${version} is kept`)
  return found.config
}

/** An operator's rollback to a version, against the one that the registry promotes. */
export async function holdAt(world: DeploymentWorld, version: string, over: string): Promise<void> {
  const to = await configOf(world, version)
  await world.hold((state) => ({ ...state, held: { to, heldAgainst: over, at: 1 } }))
  world.wake()
}

export async function undoHold(world: DeploymentWorld): Promise<void> {
  await world.hold(({ held: _held, failed: _failed, ...state }) => state)
  world.wake()
}

/** The configurations that get traffic. */
export function servingConfigs({ sagemaker }: DeploymentWorld): string[] {
  return Object.keys(sagemaker.serves('delay') ?? {})
}

/** The versions that get traffic. */
export function serves(world: DeploymentWorld): (string | undefined)[] {
  return servingConfigs(world).map((config) => /-v(\d+)-/.exec(config)?.[1])
}

/** The calls that created or updated an endpoint. */
export function endpointChanges({ sagemaker }: DeploymentWorld): string[] {
  return sagemaker.calls.filter((call) => /^(Create|Update)Endpoint$/.test(call))
}

/** The tags on a version about the endpoint. */
export function tagged(world: DeploymentWorld, version: string): { status?: string; reason?: string } {
  const tags = world.registry.tags(world.model.registered, version) ?? {}
  const [status, reason] = [tags['landfall.delay.status'], tags['landfall.delay.reason']]
  return { ...(status === undefined ? {} : { status }), ...(reason === undefined ? {} : { reason }) }
}

/** Resources that belong to no kept deployment, and kept deployments with missing resources. */
export async function leftBehind(world: DeploymentWorld): Promise<string[]> {
  const { deployments, candidate } = await world.state()
  const kept = deployments.map(({ config }) => config)
  const { configs, models } = world.sagemaker.exists()
  return [
    ...[configs, models].flatMap((all) => all.filter((name) => !kept.includes(name))),
    ...kept.filter((name) => !configs.includes(name) || !models.includes(name)).map((name) => `${name} is missing`),
    ...world.alarms.there.keys(),
    ...(candidate === undefined ? [] : [`candidate: ${candidate.config}`]),
  ]
}
