import { sha256 } from '../../../src/node/sha256.ts'
import { describe, expect, test } from '@jest/globals'
import { rollBack, type StateChange, undo } from '../../../cli/rollback/rollback.ts'
import { configName } from '../../../src/reactions/deployment/resource-names.ts'
import { type DeploymentWorld, deploymentWorld, type Fate } from '../../world/deployment-world.ts'
import { calm } from '../../world/faults.ts'

const MINUTE = 60_000

/** Lets time pass: events arrive, and the sweep runs every 15 minutes. */
async function pass(world: DeploymentWorld, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    world.clock.now += MINUTE
    world.sagemaker.core.advance()
    if (minute % 15 === 0) world.wake(true)
    const all = Array.from({ length: world.waiting() }, (_, at) => at)
    if (all.length > 0) await world.run(all, calm)
  }
}

/** A world in which a version for each fate was promoted, one after the other. */
async function worldOf(...fates: Fate[]): Promise<DeploymentWorld> {
  const world = deploymentWorld()
  world.images.push('3.17.2')
  for (const fate of fates) {
    world.promote(await world.register(fate))
    await pass(world, 60)
  }
  return world
}

async function change(
  world: DeploymentWorld,
  decide: (state: Awaited<ReturnType<DeploymentWorld['state']>>) => StateChange,
) {
  const decided = decide(await world.state())
  if (decided.kind === 'problem') throw new Error(decided.problem)
  await world.hold(() => decided.state)
  world.wake(true)
  return decided
}

/** Rolls back as the command does. `known`: whether the registry answers. */
async function rollback(world: DeploymentWorld, to?: string, known = true) {
  const found = await world.promoted()
  const config = found && configName(world.model, found, 'landfall-test-prod', sha256)
  const isRunning = (await world.cursor()).run !== undefined
  const promoted = !known ? 'unknown' : found && config ? { version: found.version, config } : undefined
  return change(world, (state) => rollBack(state, isRunning, { now: world.clock.now, to, promoted }))
}

const versionOf = (config: string | undefined) => /-v(\d+)-/.exec(config ?? '')?.[1]
const serves = (world: DeploymentWorld) => versionOf(Object.keys(world.sagemaker.serves('delay') ?? {})[0])

describe.each([true, false])('an endpoint that is rolled back (the registry answers: %s)', (known) => {
  test('serves the previous version, stays there, and follows the next promotion', async () => {
    const world = await worldOf('good', 'good')
    expect(await rollback(world, undefined, known)).toMatchObject({ from: { version: '2' }, to: { version: '1' } })
    await pass(world, 120)
    expect(serves(world)).toBe('1')
    world.promote(await world.register('good'))
    await pass(world, 60)
    expect(serves(world)).toBe('3')
    expect((await world.state()).held).toBeUndefined()
  })

  test('follows a new promotion of the version it went back from, once another was promoted in between', async () => {
    const world = await worldOf('good', 'good')
    await rollback(world, undefined, known)
    await pass(world, 60)
    world.promote('1')
    await pass(world, 30)
    world.promote('2')
    await pass(world, 60)
    expect(serves(world)).toBe('2')
  })

  test('during a deployment does not end up with the new version', async () => {
    const world = await worldOf('good', 'good')
    world.promote(await world.register('good'))
    await pass(world, 2)
    expect((await world.cursor()).run?.externalId).toBeDefined()
    expect(await rollback(world, undefined, known)).toMatchObject({ from: { version: '3' }, to: { version: '2' } })
    await pass(world, 120)
    expect(serves(world)).toBe('2')
  })

  test('goes back one more each time, as far as versions are kept', async () => {
    const world = await worldOf('good', 'good', 'good')
    await rollback(world, undefined, known)
    await pass(world, 30)
    await rollback(world, undefined, known)
    await pass(world, 30)
    expect(serves(world)).toBe('1')
    await expect(rollback(world, undefined, known)).rejects.toThrow('no version before 1 is kept')
  })

  test('after a failed deployment goes back from the serving version, and holds against the failed one', async () => {
    const world = await worldOf('good', 'good', 'no-ping')
    expect((await world.state()).failed?.version).toBe('3')
    await rollback(world, undefined, known)
    await pass(world, 60)
    expect(serves(world)).toBe('1')
  })

  test('serves the promoted version again after --undo, even one that had failed', async () => {
    const world = await worldOf('good', 'good')
    await rollback(world, undefined, known)
    await pass(world, 30)
    expect(await change(world, undo)).toMatchObject({ to: { version: '2' } })
    await pass(world, 60)
    expect(serves(world)).toBe('2')
    const version = await world.register('no-ping')
    world.promote(version)
    await pass(world, 60)
    expect(serves(world)).toBe('2')
    world.fates.set(version, 'good')
    expect(await change(world, undo)).toMatchObject({ to: { version: '3' } })
    await pass(world, 60)
    expect(serves(world)).toBe('3')
  })
})
