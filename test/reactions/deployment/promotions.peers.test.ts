import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { webhookAddress } from '../../../cli/webhooks/address.ts'
import { secretsmanager } from '../../../src/aws/clients.ts'
import { mlflowSigned } from '../../intake/webhook/signed.ts'
import { handsOn } from './promotions/hands.ts'
import { BUCKET, called, eventually, IMAGE, type Promotions, startPromotions } from './promotions/lake.ts'

let world: Promotions
let hands: ReturnType<typeof handsOn>

beforeAll(async () => {
  world = await startPromotions()
  hands = handsOn(world)
  expect(await world.landfall('webhooks', 'register')).toMatchObject({ code: 0 })
}, 150_000)

afterAll(async () => {
  hands?.close()
  await world?.stop()
}, 30_000)

/** A new version of the model with the alias, promoted and in service. */
async function promoted(name: 'delay' | 'guarded'): Promise<string> {
  const { version } = await hands.version(name)
  await hands.promote(name, version)
  await hands.serves(name, version)
  return version
}

describe('the promotion in the registry', () => {
  test("deploys a first version, by alias, stage or tag, whatever the model's name", async () => {
    const { models } = world
    const logged = await models.register(called.delay)
    await hands.version('stage')
    await hands.version('fare')
    const calls = await hands.counting(async () => {
      await hands.promote('delay', '1')
      await models.tag(called.fare, '1', 'deploy', 'to production')
      // MLflow sends no webhook for stages.
      await models.stage(called.stage, '1', 'Production')
      await hands.sweep()
      await Promise.all([hands.serves('delay', '1'), hands.serves('stage', '1'), hands.serves('fare', '1')])
    })
    expect(calls).toEqual(['CreateEndpoint', 'CreateEndpoint', 'CreateEndpoint'])

    // The artifacts of the first model were uploaded through the server, and its container was built.
    const delay = await hands.container('delay')
    expect(delay.image).toMatch(/landfall-promotions-local-mlflow:3\.\d+\.\d+$/)
    expect(logged.artifacts).toMatch(/^mlflow-artifacts:/)
    expect(delay.data).toBe(`${logged.artifacts.replace(/^mlflow-artifacts:\/*/, `s3://${BUCKET}/mlflow/`)}/`)
    expect(await hands.container('stage')).toEqual({ image: IMAGE, data: `s3://${BUCKET}/mlflow/made/1/` })
    const packed = (await hands.container('fare')).data ?? ''
    expect(packed).toMatch(/\/packages\/promotions-fare--v1-[0-9a-f]{8}\/model\.tar\.gz$/)
    const Key = packed.slice(`s3://${BUCKET}/`.length)
    expect(
      (await world.deployed.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key }))).ContentLength,
    ).toBeGreaterThan(0)
    for (const name of ['delay', 'stage', 'fare'] as const) await hands.told(name, '1', 'deployed')
  }, 60_000)

  test('wakes a deployment, and our own tags do not', async () => {
    const { models } = world
    await hands.quiet()
    await hands.paused(async () => {
      const [waiting, since] = [await hands.waiting(), Date.now()]
      for (const key of ['status', 'at', 'reason'])
        await models.tag(called.delay, '1', `landfall.promotions-delay.${key}`, 'x')
      await models.tag(called.delay, '1', 'seen', 'yes')
      await eventually('four deliveries', async () => ((await hands.calls('webhook', since)) >= 4 ? true : undefined))
      expect(await hands.waiting()).toBe(waiting + 1)
    })
  }, 60_000)

  test('is followed once when an alias moves; repeating or removing it changes nothing', async () => {
    const { version } = await hands.version('delay')
    const calls = await hands.counting(async () => {
      await hands.promote('delay', version)
      await hands.serves('delay', version)
      await hands.findsNothing('delay', () => hands.promote('delay', version))
      await hands.findsNothing('delay', () => world.models.unalias(called.delay, 'champion'))
    })
    expect(calls).toEqual(['UpdateEndpoint'])
    expect(await hands.serving('delay')).toBe(version)
    await hands.told('delay', '1', 'replaced')
  }, 60_000)

  test('that comes last wins, of two at once', async () => {
    const [first, second] = [await hands.version('delay'), await hands.version('delay')]
    const calls = await hands.counting(async () => {
      await hands.promoteAtOnce('delay', [first.version, second.version])
      await hands.serves('delay', second.version)
    })
    expect([1, 2]).toContain(calls.length)
    await hands.sweep()
    expect(await hands.serving('delay')).toBe(second.version)
  }, 60_000)

  test('can be deleted without taking anything out of service', async () => {
    const version = await promoted('delay')
    expect(
      await hands.counting(async () => {
        await world.models.delete(called.delay, version)
        await hands.sweep()
      }),
    ).toEqual([])
    expect(await hands.serving('delay')).toBe(version)
    await promoted('delay')
  }, 60_000)

  test('is found by the sweep if no event reports it: a moved stage, or a write into the database', async () => {
    const { models, direct } = world
    const [stage, delay, fare] = [
      await hands.version('stage'),
      await hands.version('delay'),
      await hands.version('fare'),
    ]
    const calls = await hands.counting(async () => {
      await models.stage(called.stage, stage.version, 'Production', true)
      await direct.alias(called.delay, 'champion', delay.version)
      await direct.tag(called.fare, fare.version, 'deploy', 'to production')
      await hands.sweep()
      await hands.serves('stage', stage.version)
      await hands.serves('delay', delay.version)
      await hands.serves('fare', fare.version)
    })
    expect(calls).toEqual(['UpdateEndpoint', 'UpdateEndpoint', 'UpdateEndpoint'])
  }, 60_000)

  test('is deployed even if the server is killed before it sends its webhook', async () => {
    const { version } = await hands.version('delay')
    await hands.promote('delay', version)
    await world.mlflow.kill()
    await world.mlflow.restart()
    await hands.sweep()
    await hands.serves('delay', version)
    await promoted('delay')
  }, 60_000)

  test('made while deployments were paused is deployed in the end', async () => {
    const made = [await hands.version('delay'), await hands.version('delay'), await hands.version('delay')]
    await hands.quiet()
    const calls = await hands.counting(async () => {
      await hands.paused(async () => {
        const before = await hands.waiting()
        for (const { version } of [...made, made[1]!]) await hands.promote('delay', version)
        await eventually('four messages', async () => ((await hands.waiting()) >= before + 4 ? true : undefined))
      })
      await hands.serves('delay', made[1]!.version)
      await hands.quiet()
    })
    expect(calls).toEqual(['UpdateEndpoint'])
  }, 60_000)
})

describe('what should not serve', () => {
  test('does not: the version before keeps serving, and the registry has the reason', async () => {
    const sound = await promoted('guarded')
    const started = await hands.broken('guarded', 'start')
    await hands.promote('guarded', started)
    await hands.failed('guarded', started)
    await hands.serves('guarded', sound)
    await hands.told('guarded', started, 'rolled-back', 'did not pass the ping health check')

    const answering = await hands.broken('guarded', 'answer')
    await hands.promote('guarded', answering)
    await hands.failed('guarded', answering)
    await hands.serves('guarded', sound)
    await hands.told('guarded', answering, 'rolled-back', 'the answer.predictions[0] is "late", not number')

    // It is not tried again, however often the event is repeated.
    expect(
      await hands.counting(async () => {
        await hands.findsNothing('guarded', () => hands.promote('guarded', answering))
        await hands.sweep()
      }),
    ).toEqual([])
  }, 60_000)

  test('is refused where there is nothing to serve', async () => {
    const sound = await hands.serving('guarded')
    const { version } = await world.models.version(called.guarded, `s3://${BUCKET}/mlflow/nothing`)
    const calls = await hands.counting(async () => {
      await hands.promote('guarded', version)
      expect(await hands.refused('guarded', 'no-artifacts')).toMatchObject({
        reason: expect.stringContaining('nothing'),
      })
    })
    expect(calls).toEqual([])
    await hands.told('guarded', version, 'refused', 'nothing')
    expect(await hands.serving('guarded')).toBe(sound)
    const status = await world.landfall('status')
    expect([status.code, status.out]).toEqual([1, expect.stringContaining('promotions-guarded')])
    await promoted('guarded')
    expect((await world.landfall('status')).code).toBe(0)
  }, 60_000)

  test('is replaced if somebody put it there by hand; a deleted endpoint is created again', async () => {
    const before = await hands.serves('guarded', (await hands.serving('guarded'))!)
    const version = await promoted('guarded')
    await hands.put('guarded', before)
    await hands.standing('guarded', before)
    await hands.sweep()
    await hands.serves('guarded', version)

    await hands.remove('guarded')
    await hands.standing('guarded', undefined)
    const calls = await hands.counting(async () => {
      await hands.sweep()
      await hands.standing('guarded', version)
      await hands.serves('guarded', version)
    })
    expect(calls).toEqual(['CreateEndpoint'])
  }, 60_000)

  test('because of a quota does, once the quota is raised', async () => {
    const { core } = world.sagemaker
    const unlimited = core.limits
    const before = await hands.serving('guarded')
    core.limits = { ...unlimited, instances: 4 }
    const { version } = await hands.version('guarded')
    await hands.promote('guarded', version)
    await hands.refused('guarded', 'limit-exceeded')
    await hands.told('guarded', version, 'refused', 'quota')
    expect(await hands.serving('guarded')).toBe(before)
    const { code, out } = await world.landfall('status')
    expect([code, out]).toEqual([1, expect.stringMatching(/Service\s+Quotas/)])
    core.limits = unlimited
    await hands.sweep()
    await hands.serves('guarded', version)
    expect((await world.landfall('status')).code).toBe(0)
  }, 60_000)
})

test("an operator's rollback holds through all sweeps until it is undone", async () => {
  const [old, version] = [await hands.serving('delay'), await promoted('delay')]
  const back = await hands.counting(async () => {
    expect((await world.landfall('rollback', 'promotions-delay', '--wait', '30')).out).toContain(
      `version ${old} is in service`,
    )
    await hands.serves('delay', old!)
    await hands.sweep()
  })
  expect([back, await hands.serving('delay')]).toEqual([['UpdateEndpoint'], old])
  await hands.told('delay', version, 'rolled-back', 'operator')
  const undone = await hands.counting(async () => {
    expect((await world.landfall('rollback', 'promotions-delay', '--undo')).code).toBe(0)
    await hands.serves('delay', version)
  })
  expect(undone).toEqual(['UpdateEndpoint'])
}, 60_000)

describe('a secret', () => {
  test('can be rotated without losing a promotion; after two rotations the old one is rejected', async () => {
    const [secret] = await webhookSecrets()
    expect(await delivered(secret!)).toBe(204)
    await promoted('guarded')
    await rotate()
    expect(await webhookSecrets()).toEqual([expect.not.stringContaining(secret!), secret])
    expect(await delivered(secret!)).toBe(204)
    await promoted('guarded')
    await rotate()
    expect(await webhookSecrets()).not.toContain(secret)
    // Until then the function may use secrets from a minute ago.
    await hands.forgets()
    expect(await delivered(secret!)).toBe(401)
    for (const good of await webhookSecrets())
      await eventually('a sound one to be taken', async () => ((await delivered(good)) === 204 ? true : undefined))
  }, 150_000)

  async function rotate(): Promise<void> {
    const { code, out, err } = await world.landfall('webhooks', 'rotate', 'main')
    expect([code, out, err]).toEqual([0, expect.stringContaining('it signs with a new secret'), ''])
  }

  async function webhookSecrets(): Promise<string[]> {
    const client = secretsmanager()
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: 'promotions/mlflow' }))
    client.destroy()
    return (JSON.parse(SecretString) as { webhook: string[] }).webhook
  }

  /** Sends a delivery as MLflow would, signed with this secret. */
  async function delivered(secret: string): Promise<number> {
    const body = JSON.stringify({
      entity: 'model_version_alias',
      action: 'created',
      data: { name: 'guarded', alias: 'x', version: '1' },
    })
    const { status } = await fetch(`${await webhookAddress(world.lake)}/registries/main`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...mlflowSigned(body, { secret }) },
      body,
    })
    return status
  }
})

test('in the end each endpoint serves what the registry asks for, with no leftovers and no loops', async () => {
  await hands.quiet()
  const calls = await hands.counting(() => hands.sweep())
  expect(calls).toEqual([])
  for (const name of ['delay', 'guarded', 'stage', 'fare'] as const)
    await hands.told(name, (await hands.serving(name))!, 'deployed')
  const { code, out } = await world.landfall('status', '--json')
  const status = JSON.parse(out) as { subjects: { state: string }[]; queues: { queue: string; dead: number }[] }
  expect([code, status.subjects.map(({ state }) => state)]).toEqual([0, ['current', 'current', 'current', 'current']])
  expect(status.queues.map(({ dead }) => dead)).toEqual(status.queues.map(() => 0))
}, 60_000)
