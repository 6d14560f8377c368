import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { s3Artifacts } from '../../../src/reactions/deployment/aws/artifacts.ts'
import { s3 } from '../../../src/aws/clients.ts'
import type { Location } from '../../../src/lake/lake.ts'
import type { Artifacts } from '../../../src/reactions/deployment/ports.ts'
import { testArtifacts } from './artifacts.suite.ts'
import { modelFiles } from './artifacts.twin.ts'

const BUCKET = 'artifacts-suite'
const client = s3()
const artifacts = s3Artifacts(client)
const scratch = mkdtempSync(join(tmpdir(), 'landfall-artifacts-'))

beforeAll(async () => void (await client.send(new CreateBucketCommand({ Bucket: BUCKET }))))
afterAll(() => {
  client.destroy()
  rmSync(scratch, { recursive: true })
})

const folder = (name: string): Location => ({ bucket: BUCKET, prefix: `suite/${name}` })

async function put({ bucket, prefix }: Location, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, body] of Object.entries(files))
    await client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: `${prefix}/${path}`,
        Body: typeof body === 'string' ? Buffer.from(body) : body,
      }),
    )
}

async function download({ bucket, prefix }: Location): Promise<Buffer | undefined> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: prefix }))
    return Buffer.from((await Body?.transformToByteArray()) ?? [])
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return undefined
    throw error
  }
}

/** With GNU tar, as an independent reader. */
async function unpack(at: Location): Promise<Record<string, string> | undefined> {
  const bytes = await download(at)
  if (bytes === undefined) return undefined
  const to = mkdtempSync(join(scratch, 'unpacked-'))
  const archive = join(to, '..', 'model.tar.gz')
  mkdirSync(to, { recursive: true })
  writeFileSync(archive, bytes)
  execFileSync('tar', ['--extract', '--gzip', '--file', archive, '--directory', to])
  const entries = readdirSync(to, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path.slice(to.length + 1), readFileSync(path, 'utf8')]
    }),
  )
}

testArtifacts('S3', async () => ({ artifacts, folder, put, unpack }))

const uploads = async () => (await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))).Uploads ?? []
const head = ({ bucket, prefix }: Location) => client.send(new HeadObjectCommand({ Bucket: bucket, Key: prefix }))

test('equal models give byte-identical packages', async () => {
  await put(folder('twin-a'), modelFiles('3.17.2'))
  await put(folder('twin-b'), Object.fromEntries(Object.entries(modelFiles('3.17.2')).reverse()))
  await artifacts.pack(folder('twin-a'), folder('twin-a.tar.gz'))
  await artifacts.pack(folder('twin-b'), folder('twin-b.tar.gz'))
  const [a, b] = [await download(folder('twin-a.tar.gz')), await download(folder('twin-b.tar.gz'))]
  expect(a?.equals(b as Buffer)).toBe(true)
})

test('an existing package is not uploaded again', async () => {
  await put(folder('same'), modelFiles('3.17.2'))
  await artifacts.pack(folder('same'), folder('same.tar.gz'))
  const before = await head(folder('same.tar.gz'))
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  await artifacts.pack(folder('same'), folder('same.tar.gz'))
  const after = await head(folder('same.tar.gz'))
  expect(after.LastModified).toEqual(before.LastModified)
  expect(await uploads()).toEqual([])
})

test('two concurrent packs of a model leave one package and no unfinished upload', async () => {
  await put(folder('race'), modelFiles('3.17.2'))
  const results = await Promise.allSettled([1, 2, 3].map(() => artifacts.pack(folder('race'), folder('race.tar.gz'))))
  expect(results.some(({ status }) => status === 'fulfilled')).toBe(true)
  await artifacts.pack(folder('race'), folder('race.tar.gz'))
  expect(await unpack(folder('race.tar.gz'))).toEqual(modelFiles('3.17.2'))
  expect(await uploads()).toEqual([])
})

test('a model of several parts is packed correctly, wherever its files are split', async () => {
  const weights = new Uint8Array(40 * 1024 ** 2 + 7)
  for (let i = 0; i < weights.length; i += 4099) weights[i] = i
  await put(folder('parts'), { ...modelFiles('3.17.2'), 'weights.bin': weights })
  await artifacts.pack(folder('parts'), folder('parts.tar.gz'))
  const bytes = (await download(folder('parts.tar.gz'))) as Buffer
  const archive = join(scratch, 'parts.tar.gz')
  writeFileSync(archive, bytes)
  const got = execFileSync('tar', ['-xzOf', archive, 'weights.bin'], { maxBuffer: 2 ** 27 })
  expect(got.equals(weights)).toBe(true)
  expect(execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }).trim().split('\n')).toEqual([
    'MLmodel',
    'conda.yaml',
    'model.pkl',
    'requirements.txt',
    'weights.bin',
  ])
})

test('a missing bucket is refused', async () => {
  await expect(artifacts.inspect({ bucket: 'artifacts-suite-missing', prefix: 'x' }, true)).rejects.toMatchObject({
    code: 'no-artifacts',
    detail: { found: 'no bucket artifacts-suite-missing' },
  })
})

/** The same client, except that `first` runs before each call of one command; what it throws counts as S3's response. */
async function meddled(
  first: (command: string, input: object) => Promise<void>,
  use: (faulty: Artifacts) => Promise<unknown>,
) {
  const other = s3()
  other.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        await first(commandName, args.input)
        return next(args)
      },
    { step: 'initialize' },
  )
  await use(s3Artifacts(other))
  other.destroy()
}

const answer = (name: string): Error => Object.assign(new Error(name), { name })

test('a file that changes after it was listed fails the pack and leaves nothing behind', async () => {
  await put(folder('moving'), modelFiles('3.17.2'))
  const change = async (command: string) => {
    if (command === 'CreateMultipartUploadCommand') await put(folder('moving'), { 'model.pkl': 'changed meanwhile' })
  }
  await meddled(change, async (faulty) => {
    await expect(faulty.pack(folder('moving'), folder('moving.tar.gz'))).rejects.toThrow(
      /model\.pkl was changed while the model was packed/,
    )
  })
  expect(await download(folder('moving.tar.gz'))).toBeUndefined()
  expect(await uploads()).toEqual([])
})

test('an archived file is refused', async () => {
  await put(folder('cold'), modelFiles('3.17.2'))
  const archived = async (command: string, input: object) => {
    if (command === 'GetObjectCommand' && 'Key' in input && input.Key === 'suite/cold/model.pkl')
      throw answer('InvalidObjectState')
  }
  await meddled(archived, async (faulty) => {
    await expect(faulty.pack(folder('cold'), folder('cold.tar.gz'))).rejects.toMatchObject({
      code: 'archived',
      detail: { subject: `s3://${BUCKET}/suite/cold/model.pkl` },
    })
  })
  expect(await uploads()).toEqual([])
})

test('an upload that fails is aborted at once, and the next try succeeds', async () => {
  await put(folder('broken'), { ...modelFiles('3.17.2'), 'weights.bin': new Uint8Array(70 * 1024 ** 2) })
  const dead = async (command: string, input: object) => {
    if (command === 'UploadPartCommand' && 'PartNumber' in input && input.PartNumber === 2)
      throw answer('the line went dead')
  }
  await meddled(dead, async (faulty) => {
    await expect(faulty.pack(folder('broken'), folder('broken.tar.gz'))).rejects.toThrow('the line went dead')
  })
  expect(await uploads()).toEqual([])
  await artifacts.pack(folder('broken'), folder('broken.tar.gz'))
  expect((await head(folder('broken.tar.gz'))).ContentLength).toBeGreaterThan(70 * 1024 ** 2)
})

test('an upload that cannot be aborted is reported with the reason', async () => {
  await put(folder('left'), modelFiles('3.17.2'))
  const denied = async (command: string) => {
    if (command === 'UploadPartCommand' || command === 'AbortMultipartUploadCommand') throw answer(`no ${command}`)
  }
  await meddled(denied, async (faulty) => {
    await expect(faulty.pack(folder('left'), folder('left.tar.gz'))).rejects.toMatchObject({
      message: expect.stringMatching(/the upload .+ to s3:\/\/.*left\.tar\.gz failed, and could not be aborted either/),
      errors: [answer('no UploadPartCommand'), answer('no AbortMultipartUploadCommand')],
    })
  })
  const [left] = await uploads()
  await client.send(
    new AbortMultipartUploadCommand({ Bucket: BUCKET, Key: 'suite/left.tar.gz', UploadId: left?.UploadId }),
  )
})

test('a package that takes too long is aborted in time, with nothing left behind', async () => {
  await put(folder('slow'), modelFiles('3.17.2'))
  const packing = s3Artifacts(client, 0).pack(folder('slow'), folder('slow.tar.gz'))
  expect(await packing).toBe('too-slow')
  expect(await unpack(folder('slow.tar.gz'))).toBeUndefined()
  expect(await uploads()).toEqual([])
})

test('a lost race with an equal package is fine, and with a different one is an error', async () => {
  await put(folder('second'), modelFiles('3.17.2'))
  await put(folder('other'), modelFiles('2.9.0'))
  const first = (source: string) => async (command: string) => {
    if (command !== 'CompleteMultipartUploadCommand') return
    await artifacts.pack(folder(source), folder('second.tar.gz'))
    throw answer('PreconditionFailed')
  }
  await meddled(first('other'), async (faulty) => {
    await expect(faulty.pack(folder('second'), folder('second.tar.gz'))).rejects.toThrow('PreconditionFailed')
  })
  await meddled(first('second'), async (faulty) => faulty.pack(folder('second'), folder('second.tar.gz')))
  expect(await unpack(folder('second.tar.gz'))).toEqual(modelFiles('3.17.2'))
  expect(await uploads()).toEqual([])
})

test('files beyond the first page of a listing are part of the model', async () => {
  const many = Array.from({ length: 1_005 }, (_, i) => `data/${String(i).padStart(4, '0')}`)
  await put(folder('many'), modelFiles('3.17.2'))
  for (let i = 0; i < many.length; i += 50)
    await Promise.all(many.slice(i, i + 50).map((path) => put(folder('many'), { [path]: path })))
  expect(await artifacts.inspect(folder('many'), true)).toMatchObject({ files: 1_009 })
}, 30_000)
