import { describe, expect, test } from '@jest/globals'
import type { Location } from '../../../src/lake/lake.ts'
import type { Artifacts } from '../../../src/reactions/deployment/ports.ts'
import { modelFiles } from './artifacts.twin.ts'

export interface ArtifactsWorld {
  readonly artifacts: Artifacts
  /** A folder that no other test uses. */
  folder(name: string): Location
  put(folder: Location, files: Readonly<Record<string, string>>): Promise<void>
  /** The contents of a package by path; `undefined` if there is none. */
  unpack(at: Location): Promise<Readonly<Record<string, string>> | undefined>
}

/** The contract of every store of models; run on the twin and on the emulator's S3. */
export function testArtifacts(name: string, make: () => Promise<ArtifactsWorld>): void {
  const model = modelFiles('3.17.2')
  const given = async (folder: string, files: Readonly<Record<string, string>> = model) => {
    const world = await make()
    await world.put(world.folder(folder), files)
    return { ...world, at: world.folder(folder) }
  }

  describe(`${name} as a store of models`, () => {
    test('a model is described by its MLmodel, and its files by their number and size', async () => {
      const { artifacts, at } = await given('plain')
      const bytes = Object.values(model).reduce((sum, body) => sum + Buffer.byteLength(body), 0)
      const seen = { mlflowVersion: '3.17.2', files: 4, bytes }
      expect(await artifacts.inspect(at, true)).toEqual(seen)
      expect(await artifacts.inspect(at, false)).toEqual(seen)
    })

    test('a folder whose name has the same prefix is not part of the model', async () => {
      const { artifacts, at, put } = await given('one')
      await put({ ...at, prefix: `${at.prefix}0` }, { more: 'x' })
      expect(await artifacts.inspect(at, true)).toMatchObject({ files: 4 })
    })

    test('keys that XML or URLs would encode are returned unchanged', async () => {
      const odd = { 'data/a b+c%20d&e/ä ☃.bin': '1', 'code/x\ty.py': '2', 'code/\u0001\u007f\n\u{1F600}': '3' }
      const { artifacts, at, folder, unpack } = await given('odd', { ...model, ...odd })
      expect(await artifacts.inspect(at, true)).toMatchObject({ files: 7 })
      await artifacts.pack(at, folder('odd.tar.gz'))
      expect(await unpack(folder('odd.tar.gz'))).toEqual({ ...model, ...odd })
    })

    test('a key that no disk can have as a file is refused, packed or not', async () => {
      const { artifacts, at, folder } = await given('nul', { ...model, 'data/a\0b': '1' })
      const refusal = { code: 'bad-artifacts', detail: { found: String.raw`data/a\u0000b` } }
      await expect(artifacts.inspect(at, true)).rejects.toMatchObject(refusal)
      await expect(artifacts.inspect(at, false)).rejects.toMatchObject(refusal)
      await expect(artifacts.pack(at, folder('nul.tar.gz'))).rejects.toMatchObject(refusal)
    })

    test('a folder without an MLmodel at its root is refused', async () => {
      const { artifacts, folder, put } = await make()
      await expect(artifacts.inspect(folder('empty'), true)).rejects.toMatchObject({
        code: 'no-artifacts',
        detail: { found: 'no files' },
      })
      await put(folder('deep'), { 'model/MLmodel': 'flavors: {}', 'notes.txt': 'x' })
      await expect(artifacts.inspect(folder('deep'), true)).rejects.toMatchObject({
        code: 'no-artifacts',
        detail: { found: 'model/MLmodel, notes.txt' },
      })
      await expect(artifacts.pack(folder('empty'), folder('empty.tar.gz'))).rejects.toMatchObject({
        code: 'no-artifacts',
      })
    })

    test('a model that MLflow cannot load as a function is refused with the flavors that it has', async () => {
      const { artifacts, at } = await given('flavors', {
        MLmodel: 'flavors: {spark: {}, onnx: {}}\nmlflow_version: 3.1.0',
      })
      await expect(artifacts.inspect(at, true)).rejects.toMatchObject({
        code: 'not-pyfunc',
        detail: { found: 'spark, onnx' },
      })
    })

    test('a model without an MLflow version can be inspected', async () => {
      const { artifacts, at } = await given('old', { MLmodel: 'flavors: {python_function: {}}' })
      expect(await artifacts.inspect(at, true)).toEqual({ files: 1, bytes: 30 })
    })

    test('a description with a long signature is read, and one that no model has is refused', async () => {
      const { artifacts, at, put } = await given('wide', {
        MLmodel: `${model['MLmodel']}notes: '${'a '.repeat(2 ** 20)}'\n`,
      })
      expect(await artifacts.inspect(at, true)).toMatchObject({ mlflowVersion: '3.17.2' })
      await put(at, { MLmodel: `${model['MLmodel']}notes: '${'a '.repeat(2 ** 23)}'\n` })
      await expect(artifacts.inspect(at, true)).rejects.toMatchObject({
        code: 'no-artifacts',
        message: expect.stringContaining('too large'),
      })
    })

    test("a folder's marker is refused where SageMaker would take it for a file, and left out of a package", async () => {
      const { artifacts, at, folder, unpack } = await given('marker', { ...model, 'data/': '' })
      await expect(artifacts.inspect(at, true)).rejects.toMatchObject({
        code: 'bad-artifacts',
        detail: { found: 'data/' },
      })
      expect(await artifacts.inspect(at, false)).toMatchObject({ files: 4 })
      await artifacts.pack(at, folder('marker.tar.gz'))
      expect(await unpack(folder('marker.tar.gz'))).toEqual(model)
    })

    test('a package contains the files unchanged, and can be removed', async () => {
      const { artifacts, at, folder, unpack } = await given('whole', {
        ...model,
        empty: '',
        [`${'d'.repeat(120)}/f`]: 'deep',
      })
      const to = folder('whole.tar.gz')
      await artifacts.pack(at, to)
      expect(await unpack(to)).toEqual({ ...model, empty: '', [`${'d'.repeat(120)}/f`]: 'deep' })
      await artifacts.removePackage(to)
      await artifacts.removePackage(to)
      expect(await unpack(to)).toBeUndefined()
    })

    test('a package of older content is made again', async () => {
      const { artifacts, at, folder, put, unpack } = await given('again')
      const to = folder('again.tar.gz')
      await artifacts.pack(at, to)
      await put(at, { 'model.pkl': 'retrained' })
      await artifacts.pack(at, to)
      expect(await unpack(to)).toEqual({ ...model, 'model.pkl': 'retrained' })
    })
  })
}
