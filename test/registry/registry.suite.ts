import { expect, test } from '@jest/globals'
import { type Location, locationUri } from '../../src/lake/lake.ts'
import type { Registry } from '../../src/registry/ports.ts'
import type { RegistryHands } from './registry.twin.ts'

interface RegistryWorld {
  readonly registry: Registry
  readonly hands: RegistryHands
  /** Where the registry stores its artifacts. */
  readonly artifacts: Location
  /** The tags of a version, as users of the registry see them. */
  tags(registered: string, version: string): Promise<Readonly<Record<string, string>>>
}

interface RegistryTraits {
  readonly marks: readonly ('alias' | 'stage' | 'tag')[]
  /** Valid names of models. */
  readonly names: readonly string[]
  /** The name of a model of the suite. */
  name(plain: string): string
  /** The key of Landfall's status tag, as the registry stores it. */
  readonly status: string
}

export const mlflowTraits: RegistryTraits = {
  marks: ['alias', 'stage', 'tag'],
  names: [
    'a model of delays',
    "the carrier's",
    'so-called "delay"',
    'Verspätung ✈',
    `delay.${'x'.repeat(194)}`,
    '100%+1&name=x#?',
  ],
  name: (plain) => plain,
  status: 'landfall.delay.status',
}

const champion = { alias: 'champion' }
const production = { stage: 'Production' }
const approved = { tag: { key: 'quality/gate', value: "QA's ok" } }

/** The contract of every registry. The world is opened once; each test has a model of its own. */
export function testRegistry(open: () => RegistryWorld, traits: RegistryTraits): void {
  const has = (mark: 'alias' | 'stage' | 'tag') => (traits.marks.includes(mark) ? test : test.skip)

  has('alias')(
    'an alias is followed: set, set again, moved, taken away; a model that is not there has none',
    async () => {
      const { registry, hands } = open()
      const name = traits.name('aliased')
      expect(await registry.promoted(name, champion)).toBeUndefined()
      const first = await hands.register(name)
      expect(await registry.promoted(name, champion)).toBeUndefined()
      await hands.alias(name, 'champion', first)
      await hands.alias(name, 'champion', first)
      expect(await registry.promoted(name, champion)).toMatchObject({ version: first, status: 'ready', tags: {} })
      const second = await hands.register(name)
      expect(await registry.promoted(name, champion)).toMatchObject({ version: first })
      await hands.alias(name, 'champion', second)
      await hands.alias(name, 'other', first)
      expect(await registry.promoted(name, champion)).toMatchObject({ version: second })
      await hands.unalias(name, 'champion')
      expect(await registry.promoted(name, champion)).toBeUndefined()
    },
  )

  has('alias')('an alias is deleted with its version, and nothing is promoted', async () => {
    const { registry, hands } = open()
    const name = traits.name('deleted')
    await hands.register(name)
    const second = await hands.register(name)
    await hands.alias(name, 'champion', second)
    await hands.remove(name, second)
    expect(await registry.promoted(name, champion)).toBeUndefined()
    expect(await registry.tag(name, second, { [traits.status]: 'failed' })).toBe('gone')
    await expect(registry.artifacts(name, second)).rejects.toMatchObject({ name: 'Refused', code: 'no-artifacts' })
  })

  has('alias')('a model that was deleted and created again has another source for the same version', async () => {
    const { registry, hands } = open()
    const name = traits.name('anew')
    await hands.alias(name, 'champion', await hands.register(name))
    const before = await registry.promoted(name, champion)
    await hands.removeModel(name)
    expect(await registry.promoted(name, champion)).toBeUndefined()
    await hands.alias(name, 'champion', await hands.register(name))
    const after = await registry.promoted(name, champion)
    expect(after?.version).toBe(before?.version)
    expect(after?.source).not.toBe(before?.source)
  })

  has('stage')('of several versions in a stage the highest one is promoted', async () => {
    const { registry, hands } = open()
    const name = traits.name('staged')
    expect(await registry.promoted(name, production)).toBeUndefined()
    const versions: string[] = []
    for (let i = 0; i < 11; i += 1) versions.push(await hands.register(name))
    expect(await registry.promoted(name, production)).toBeUndefined()
    await hands.stage(name, '10', 'Production')
    await hands.stage(name, '9', 'Production')
    expect(await registry.promoted(name, production)).toMatchObject({ version: '10' })
    await hands.stage(name, '11', 'Staging')
    expect(await registry.promoted(name, production)).toMatchObject({ version: '10' })
    await hands.stage(name, '2', 'Production', true)
    expect(await registry.promoted(name, production)).toMatchObject({ version: '2' })
    await hands.remove(name, '2')
    expect(await registry.promoted(name, production)).toBeUndefined()
  })

  has('tag')('of several versions with the same tag and value the highest one is promoted', async () => {
    const { registry, hands } = open()
    const name = traits.name('tagged')
    const mark = traits.marks.includes('stage') ? approved : { tag: { key: 'quality_gate', value: "QA's ok" } }
    const { key, value } = mark.tag
    expect(await registry.promoted(name, mark)).toBeUndefined()
    for (let i = 0; i < 11; i += 1) await hands.register(name)
    expect(await registry.promoted(name, mark)).toBeUndefined()
    await hands.mark(name, '10', key, value)
    await hands.mark(name, '9', key, value)
    await hands.mark(name, '11', key, 'no')
    expect(await registry.promoted(name, mark)).toMatchObject({ version: '10', tags: { [key]: value } })
    await hands.mark(name, '10', key, '')
    expect(await registry.promoted(name, mark)).toMatchObject({ version: '9' })
    const other = traits.name('tagged too')
    await hands.mark(other, await hands.register(other), key, value)
    expect(await registry.promoted(name, mark)).toMatchObject({ version: '9' })
    await hands.remove(name, '9')
    expect(await registry.promoted(name, mark)).toBeUndefined()
  })

  test('artifacts are found below the location where the registry stores them', async () => {
    const { registry, hands, artifacts } = open()
    const name = traits.name('kept')
    const found = [await registry.artifacts(name, await hands.register(name))]
    found.push(await registry.artifacts(name, await hands.register(name)))
    for (const each of found) expect(locationUri(each).startsWith(`${locationUri(artifacts)}/`)).toBe(true)
    expect(found[0]).not.toEqual(found[1])
    await expect(registry.artifacts(name, '99')).rejects.toMatchObject({ code: 'no-artifacts' })
  })

  test('tags about a deployment are set on the version, shortened to the limits', async () => {
    const { registry, hands, tags } = open()
    const name = traits.name('said')
    const version = await hands.register(name)
    const reason = `it's "no" use\nü ${'é'.repeat(4_000)}`
    const said = { [traits.status]: 'failed', 'landfall.delay.reason': reason }
    expect(await registry.tag(name, version, said)).toBe('tagged')
    expect(await registry.tag(name, version, { [traits.status]: 'live' })).toBe('tagged')
    const found = await tags(name, version)
    expect(found[traits.status]).toBe('live')
    const kept = Object.entries(found).find(([key]) => key.includes('reason'))?.[1] ?? ''
    expect(kept.length).toBeGreaterThan(400)
    expect(reason.startsWith(kept)).toBe(true)
    expect(await registry.tag(name, '99', said)).toBe('gone')
    expect(await registry.tag(traits.name('nobody'), '1', said)).toBe('gone')
  })

  test.each(traits.names)('%j is a valid name of a model', async (name) => {
    const { registry, hands } = open()
    const version = await hands.register(name)
    await hands.register(name)
    if (traits.marks.includes('alias')) {
      await hands.alias(name, 'champion', version)
      expect(await registry.promoted(name, champion)).toMatchObject({ version })
    }
    if (traits.marks.includes('stage')) {
      await hands.stage(name, version, 'Production')
      expect(await registry.promoted(name, production)).toMatchObject({ version })
    }
    await hands.mark(name, version, 'gate', 'passed')
    expect(await registry.promoted(name, { tag: { key: 'gate', value: 'passed' } })).toMatchObject({ version })
    expect(await registry.tag(name, version, { [traits.status]: 'live' })).toBe('tagged')
    expect(await registry.artifacts(name, version)).toBeDefined()
  })
}
