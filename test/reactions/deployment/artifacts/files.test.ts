import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { badPath, checkPrefix, type ModelFile } from '../../../../src/reactions/deployment/artifacts/files.ts'
import { checkFolder, inspected } from '../../../../src/reactions/deployment/artifacts/inspect.ts'
import { LARGEST_MLMODEL, servingVersion } from '../../../../src/reactions/deployment/artifacts/mlmodel.ts'
import { modelFiles } from '../artifacts.twin.ts'

const folder = { bucket: 'models', prefix: '1/models/m-1/artifacts' }
const file = (path: string, size = 1): ModelFile => ({ path, size, etag: `"${path}"` })
const SEED = { seed: 5_2026, numRuns: 2_000 }

test.each([
  ['a//b', 'empty'],
  ['/a', 'empty'],
  ['a/./b', '"."'],
  ['../a', '".."'],
  [`data/${'é'.repeat(128)}`, 'longer than 255 bytes'],
  ['data/a\0b', 'NUL'],
  ['\0', 'NUL'],
  ['data/\ud800', 'surrogate'],
  ['\udc00\ud800/a', 'surrogate'],
])('an object %j cannot be a file, and is refused before an endpoint fails on it', (path, reason) => {
  expect(badPath([file('MLmodel'), file(path)])).toEqual({ path, reason: expect.stringContaining(reason) })
  expect(() => checkPrefix(folder, [file(path)])).toThrow(expect.objectContaining({ code: 'bad-artifacts' }))
})

test('every other character can be in a file name', () => {
  const odd = [
    'a\\b',
    'a\nb',
    'a\rb',
    '\u0001',
    '\u007f',
    ' a ',
    '~',
    '-rf',
    'a:b*c?',
    'CON',
    '\u{1F600}',
    '\uFFFE',
    '\u202e',
    '%00',
    '...',
  ]
  // Different on Linux, although other systems take them for the same file.
  const alike = ['A/x', 'a/x', 'e\u0301', '\u00e9']
  const files = [...odd.map((name) => `data/${name}`), ...alike].map((path) => file(path))
  expect(badPath(files)).toBeUndefined()
  expect(() => checkPrefix(folder, files)).not.toThrow()
})

test.each([' ', '\t/a', 'a/ \n /b', '\u2003'])(
  'a blank name as in %j is a file, which only SageMaker does not mount',
  (path) => {
    expect(badPath([file(path)])).toBeUndefined()
    expect(() => checkPrefix(folder, [file(path)])).toThrow(
      expect.objectContaining({ code: 'bad-artifacts', message: expect.stringContaining('blank') }),
    )
  },
)

test('a refusal shows the characters of a name that cannot be seen', () => {
  expect(() => checkPrefix(folder, [file('a\0\u001b[31m')])).toThrow(
    expect.objectContaining({
      detail: expect.objectContaining({
        subject: String.raw`s3://models/1/models/m-1/artifacts/a\u0000\u001b[31m`,
        found: String.raw`a\u0000\u001b[31m`,
      }),
    }),
  )
})

test('a name of 255 bytes is fine', () => {
  expect(badPath([file(`${'é'.repeat(127)}a/x`)])).toBeUndefined()
})

test('a file where a folder is, at any depth, is refused', () => {
  expect(badPath([file('a/b/c/d'), file('a/b')])).toMatchObject({ path: 'a/b/c/d' })
  expect(badPath([file('a/b/c'), file('a/bb'), file('a/b-')])).toBeUndefined()
})

test('objects are refused exactly if a disk could not hold them as files', () => {
  const part = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('a', 'b', 'c', '.', '..', '') },
    fc.string({ unit: fc.constantFrom('a', '\0', '\n', ' ', '\ud800', '\udc00', '\u{1F600}', '\u00e9'), maxLength: 2 }),
  )
  const paths = fc.array(fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')))
  fc.assert(
    fc.property(paths, (keys) => {
      const files = keys.filter((path) => path !== '' && !path.endsWith('/')).map((path) => file(path))
      expect(badPath(files) === undefined).toBe(fitsOnDisk(files.map(({ path }) => path)))
    }),
    SEED,
  )
})

/** Lays the files out in a tree of maps, as `mkdir -p` and `touch` would. */
function fitsOnDisk(paths: readonly string[]): boolean {
  const root = new Map<string, unknown>()
  return [...new Set(paths)].every((path) => {
    const parts = path.split('/')
    if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))) return false
    if (Buffer.from(path).toString() !== path) return false
    let at = root
    for (const part of parts.slice(0, -1)) {
      const next = at.get(part) ?? new Map<string, unknown>()
      if (!(next instanceof Map)) return false
      at.set(part, next)
      at = next as Map<string, unknown>
    }
    const last = parts.at(-1) as string
    if (at.get(last) instanceof Map) return false
    at.set(last, 'file')
    return true
  })
}

test('folder markers are not counted as files, and only SageMaker rejects them', () => {
  const files = [file('MLmodel', 10), file('data/', 0), file('', 0)]
  expect(checkFolder(folder, files, false)).toEqual(files[0])
  expect(() => checkFolder(folder, files, true)).toThrow(expect.objectContaining({ code: 'bad-artifacts' }))
  expect(inspected(folder, files, Buffer.from(modelFiles('3.17.2')['MLmodel'] as string))).toMatchObject({
    files: 1,
    bytes: 10,
  })
})

test('a refusal names a few of the files in a folder without a model', () => {
  const files = Array.from({ length: 9 }, (_, i) => file(`part-${i}`))
  expect(() => checkFolder(folder, files, true)).toThrow(
    expect.objectContaining({
      detail: expect.objectContaining({ found: 'part-0, part-1, part-2, part-3, part-4 and 4 more' }),
    }),
  )
})

test('an MLmodel that is too large is not read', () => {
  expect(() => checkFolder(folder, [file('MLmodel', LARGEST_MLMODEL + 1)], true)).toThrow(
    expect.objectContaining({ code: 'no-artifacts' }),
  )
})

test.each(['3.17.2', '2.9.0rc1', '3.0.0.dev0', '1.27.0'])(
  '%s is a version that a container can be built for',
  (version) => {
    expect(servingVersion({ mlflowVersion: version }, folder)).toBe(version)
  },
)

test.each(['3.17', '3.1.0; rm -rf /', '3.1.0\n', '$(id)', '3.1.0+local', '', ' 3.1.0'])(
  'the version %j does not get into a shell',
  (version) => {
    expect(() => servingVersion({ mlflowVersion: version }, folder)).toThrow(
      expect.objectContaining({ code: 'no-mlflow-version' }),
    )
  },
)

test('a model without an MLflow version is refused with advice', () => {
  expect(() => servingVersion({}, folder)).toThrow(
    expect.objectContaining({ detail: expect.objectContaining({ advice: expect.stringContaining('`image`') }) }),
  )
})
