import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readChange } from '../../../src/tables/delta/change.ts'
import { readSnapshot } from '../../../src/tables/delta/snapshot.ts'
import { readState } from '../../../src/tables/delta/state.ts'
import {
  type Action,
  add,
  classicKey,
  commitKey,
  features,
  key,
  lines,
  logOf,
  metaData,
  pad,
  parquet,
  putHint,
  remove,
  UUID,
  vector,
} from './log-builder.ts'
import type { MemoryStore } from '../table-store.twin.ts'

/** The oracle: a reader that keeps every action it has seen. */
interface Truth {
  readonly files: ReadonlyMap<string, Action>
  readonly tombstones: ReadonlyMap<string, Action>
  readonly metaData: Action
}

interface Step {
  readonly touched: readonly {
    readonly file: number
    readonly vector: number
    readonly add: boolean
    readonly size: number
  }[]
  readonly named: boolean
}

const protocolAction = features(['deletionVectors', 'v2Checkpoint'])
const step: fc.Arbitrary<Step> = fc.record({
  touched: fc.uniqueArray(fc.record({ file: fc.nat(7), vector: fc.nat(2), add: fc.boolean(), size: fc.nat(1000) }), {
    maxLength: 5,
    selector: ({ file, vector: id }) => `${file}/${id}`,
  }),
  named: fc.boolean(),
})
const place = fc.record({
  at: fc.nat(9),
  form: fc.constantFrom('classic', 'parts', 'json', 'parquet', 'json+sidecars', 'parquet+sidecars', 'broken', 'half'),
  hint: fc.boolean(),
})
const history = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 10 }),
  checkpoints: fc.array(place, { maxLength: 3 }),
  cleanUp: fc.boolean(),
  ask: fc.nat(9),
  after: fc.nat(9),
})

/** Unusual names: percent-encoded, with characters that JSON escapes. */
const spelt = (file: number): string =>
  [`f${file}`, `a%20b/${file}`, `caf%C3%A9-${file}`, `"q\\${file}`][file % 4] as string
const decoded = (file: number): string => decodeURIComponent(spelt(file))
const dv = (id: number): Action => (id === 0 ? {} : vector(`v${id}`, id))
const idOf = (file: number, id: number): string => `${decoded(file)} ${id === 0 ? '' : `uv${id}@1`}`

function actionsOf(steps: readonly Step[], version: number): Action[] {
  const { touched, named } = steps[version] as Step
  const files = touched.map(({ file, vector: id, add: isAdd, size }) =>
    isAdd
      ? add(spelt(file), { size, partitionValues: { day: size % 2 === 0 ? 'e"v' : null }, ...dv(id) })
      : remove(spelt(file), dv(id)),
  )
  const first = version === 0 ? [protocolAction] : []
  return [...first, ...files, ...(named || version === 0 ? [metaDataAt(version)] : [])]
}

const metaDataAt = (version: number): Action => metaData({ name: `v${version}`, partitionColumns: ['day'] })

function truthAt(steps: readonly Step[], version: number): Truth {
  const [files, tombstones] = [new Map<string, Action>(), new Map<string, Action>()]
  let current = metaDataAt(0)
  for (let at = 0; at <= version; at += 1) {
    for (const { file, vector: id, add: isAdd, size } of steps[at]?.touched ?? []) {
      const [to, from] = isAdd ? [files, tombstones] : [tombstones, files]
      from.delete(idOf(file, id))
      to.set(
        idOf(file, id),
        isAdd
          ? add(spelt(file), { size, partitionValues: { day: size % 2 === 0 ? 'e"v' : null }, ...dv(id) })
          : remove(spelt(file), dv(id)),
      )
    }
    if (steps[at]?.named === true) current = metaDataAt(at)
  }
  return { files, tombstones, metaData: current }
}

/** Returns whether it can be read. */
function putCheckpoint(store: MemoryStore, form: string, version: number, truth: Truth): boolean {
  const files = [...truth.files.values(), ...truth.tombstones.values()]
  const head = [protocolAction, truth.metaData]
  const v2 = (format: string): string => key(`${pad(version)}.checkpoint.${UUID}.${format}`)
  const part = (at: number): string =>
    key(`${pad(version)}.checkpoint.${String(at).padStart(10, '0')}.0000000002.parquet`)
  if (form === 'classic') store.put(classicKey(version), parquet([...files, ...head], { rowGroupSize: 3 }))
  if (form === 'broken') store.put(classicKey(version), parquet([...head, ...files]).slice(0, -20))
  if (form === 'parts' || form === 'half') store.put(part(1), parquet([...files.slice(0, 2), ...head]))
  if (form === 'parts') store.put(part(2), parquet(files.length > 2 ? files.slice(2) : [remove('nothing')]))
  if (form === 'json') store.put(v2('json'), lines([...head, ...files]))
  if (form === 'parquet') store.put(v2('parquet'), parquet([...head, ...files]))
  if (form.endsWith('+sidecars')) {
    const sidecars = [files.slice(0, 3), files.slice(3)].filter((one) => one.length > 0)
    const named = sidecars.map((one, at) => {
      store.put(key(`_sidecars/${version}-${at}.parquet`), parquet(one))
      return { sidecar: { path: `${version}-${at}.parquet`, sizeInBytes: 0, modificationTime: 0 } }
    })
    if (form.startsWith('json')) store.put(v2('json'), lines([...head, ...named]))
    else store.put(v2('parquet'), parquet([...head, ...named]))
  }
  return form !== 'broken' && form !== 'half'
}

function build({
  steps,
  checkpoints,
  cleanUp,
}: {
  steps: readonly Step[]
  checkpoints: readonly { at: number; form: string; hint: boolean }[]
  cleanUp: boolean
}) {
  const store = logOf(steps.map((_, version) => actionsOf(steps, version)))
  let oldest = 0
  const taken = new Set<number>()
  for (const { at, form, hint } of checkpoints) {
    const version = at % steps.length
    if (taken.has(version)) continue
    taken.add(version)
    const good = putCheckpoint(store, form, version, truthAt(steps, version))
    if (hint) putHint(store, version)
    if (good && cleanUp) oldest = Math.max(oldest, version)
  }
  for (let version = 0; version < oldest; version += 1)
    for (const name of store.objects.keys()) if (name.startsWith(key(pad(version)))) store.objects.delete(name)
  return { store, oldest, newest: steps.length - 1 }
}

test('a history reads as the oracle does, in whatever form the log has it', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (given) => {
      const { store, oldest, newest } = build(given)
      const version = oldest + (given.ask % (newest - oldest + 1))
      const truth = truthAt(given.steps, version)
      const snapshot = await readSnapshot(store, version === newest && given.cleanUp ? undefined : version)
      const found = new Map(Array.from(snapshot.files, (file) => [`${file.path} ${file.deletionVector ?? ''}`, file]))
      expect([...found.keys()].sort()).toEqual([...truth.files.keys()].sort())
      for (const [id, action] of truth.files) {
        const { size, partitionValues } = action['add'] as { size: number; partitionValues: object }
        expect(found.get(id)).toMatchObject({ size, partitionValues, rows: 10 })
      }
      const sum = [...found.values()].reduce(
        (total, file) => ({ bytes: total.bytes + file.size, deleted: total.deleted + file.deletedRows }),
        { bytes: 0, deleted: 0 },
      )
      expect(snapshot.totals).toEqual({
        files: found.size,
        bytes: sum.bytes,
        rows: found.size * 10 - sum.deleted,
        deletedRows: sum.deleted,
      })
      expect(snapshot.metadata.name).toBe((truth.metaData['metaData'] as { name: string }).name)
      expect(snapshot).toMatchObject(await readState(store, version))
    }),
    { seed: 20_261_122, numRuns: 600 },
  )
}, 120_000)

test('a change leads from the files of one version to those of a later one', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (given) => {
      const { store, newest } = build({ ...given, cleanUp: false })
      const after = given.after % (newest + 1)
      const version = after + (given.ask % (newest - after + 1))
      if (version === after) return
      const change = (await readChange(store, after, version))!
      const files = new Set(truthAt(given.steps, after).files.keys())
      for (const { path, deletionVector = '' } of change.removed) files.delete(`${path} ${deletionVector}`)
      for (const { path, deletionVector = '' } of change.added) files.add(`${path} ${deletionVector}`)
      expect([...files].sort()).toEqual([...truthAt(given.steps, version).files.keys()].sort())
      expect(store.objects.has(commitKey(version))).toBe(true)
    }),
    { seed: 20_261_122, numRuns: 300 },
  )
}, 120_000)
