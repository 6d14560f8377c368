import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { cleanUploads } from '../../../local/databricks/jobs/clean-uploads.ts'
import { s3 } from '../../../src/aws/clients.ts'
import type { JobRunStatus } from '../../../src/databricks/ports.ts'
import { startWorkspaceWorld, type WorkspaceWorld } from '../../databricks/world.ts'

const ROOT = join(import.meta.dirname, '../../..')
const bucket = s3()
let world: WorkspaceWorld
let count = 0
beforeAll(async () => {
  world = await startWorkspaceWorld('clean-uploads')
})
afterAll(async () => {
  bucket.destroy()
  await world.stop()
})

describe('the job of the demo', () => {
  const BUCKET = 'clean-uploads-test'
  const target = `s3://${BUCKET}/silver/uploads_clean`
  let id = 0
  beforeAll(async () => {
    await bucket.send(new CreateBucketCommand({ Bucket: BUCKET }))
    id = world.workspace.createJob(cleanUploads(target))
  })

  async function put(key: string, text: string): Promise<object> {
    await bucket.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: text }))
    return { uri: `s3://${BUCKET}/${key}`, size: text.length, partition: { dt: '2026-01-01' } }
  }
  async function run(
    after: number,
    version: number,
    files: readonly object[],
    more: Record<string, string> = {},
  ): Promise<JobRunStatus> {
    const parameters = {
      landfall_table: 'uploads',
      landfall_location: `s3://${BUCKET}/uploads`,
      landfall_format: 'json',
      landfall_after: String(after),
      landfall_version: String(version),
      landfall_files: JSON.stringify(files),
      landfall_manifest: '',
      ...more,
    }
    return world.ended((await world.client.runNow({ jobId: id, token: `clean-${(count += 1)}`, parameters })).runId)
  }
  async function table(): Promise<{ version: number; rows: Record<string, unknown>[] }> {
    const code = `
import json, os, sys
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
t = DeltaTable(sys.argv[1], storage_options={"aws_endpoint": os.environ["AWS_ENDPOINT_URL"], "allow_http": "true"})
rows = pa.table(QueryBuilder().register("t", t).execute("SELECT * FROM t").read_all()).to_pylist()
print(json.dumps({"version": t.version(), "rows": rows}, default=str))`
    const { stdout } = await promisify(execFile)(join(ROOT, '.venv/bin/python'), ['-c', code, target], {
      env: process.env,
    })
    return JSON.parse(stdout) as { version: number; rows: Record<string, unknown>[] }
  }
  const ids = async (): Promise<number[]> => (await table()).rows.map(({ id }) => Number(id)).sort((a, b) => a - b)

  test('reads only the given files, cleans their rows and commits them once', async () => {
    const odd = await put(
      'uploads/dt=2026-01-01/a+b %2B é.json',
      '{"id": 1, "User Name": " ann "}\n{"id": 1, "User Name": "ann"}\n{"id": 2, "User Name": ""}\n',
    )
    await put('uploads/dt=2026-01-01/unnamed.json', '{"id": 99, "User Name": "nobody"}\n')
    expect(await run(-1, 0, [odd])).toEqual({ kind: 'succeeded' })
    const first = await table()
    expect(first.version).toBe(0)
    const source_file = `s3://${BUCKET}/uploads/dt=2026-01-01/a+b %2B é.json`
    expect(first.rows.sort((a, b) => Number(a['id']) - Number(b['id']))).toEqual([
      { id: 1, user_name: 'ann', dt: '2026-01-01', source_file },
      { id: 2, user_name: null, dt: '2026-01-01', source_file },
    ])
    expect(await run(-1, 0, [odd])).toEqual({ kind: 'succeeded' })
    expect((await table()).version).toBe(0)
  })

  test('reads a manifest, and adds a new column', async () => {
    const file = await put('uploads/dt=2026-01-02/b.json', '{"id": 3, "score": 0.5}\n')
    const manifest = JSON.stringify({ table: 'uploads', version: 1, after: 0, files: [file] })
    await bucket.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'manifests/1.json', Body: manifest }))
    const uri = `s3://${BUCKET}/manifests/1.json`
    expect(await run(0, 1, [], { landfall_files: '', landfall_manifest: uri })).toEqual({ kind: 'succeeded' })
    expect(await ids()).toEqual([1, 2, 3])
  })

  test('does not duplicate rows if it runs again with more files', async () => {
    const [four, five] = [await put('uploads/four.json', '{"id": 4}\n'), await put('uploads/five.json', '{"id": 5}\n')]
    await run(1, 2, [four])
    expect(await run(1, 3, [four, five])).toEqual({ kind: 'succeeded' })
    expect(await ids()).toEqual([1, 2, 3, 4, 5])
  })

  test('replaces the rows of an overwritten file, and a replay changes nothing', async () => {
    const four = await put('uploads/four.json', '{"id": 44}\n')
    expect(await run(3, 4, [four])).toEqual({ kind: 'succeeded' })
    expect(await ids()).toEqual([1, 2, 3, 5, 44])
    const five = await put('uploads/five.json', '{"id": 5}\n')
    expect(await run(1, 4, [four, five])).toEqual({ kind: 'succeeded' })
    expect(await ids()).toEqual([1, 2, 3, 5, 44])
  })

  test('skips a deleted file, and fails with the name of a file that is not JSON', async () => {
    const [gone, six] = [await put('uploads/gone.json', '{"id": 7}\n'), await put('uploads/six.json', '{"id": 6}\n')]
    await bucket.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'uploads/gone.json' }))
    expect(await run(4, 5, [gone, six])).toEqual({ kind: 'succeeded' })
    expect(await ids()).toEqual([1, 2, 3, 5, 6, 44])
    const bad = await put('uploads/bad.json', '{"id": ')
    expect(await run(5, 6, [bad])).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('uploads/bad.json'),
    })
    expect(await ids()).toEqual([1, 2, 3, 5, 6, 44])
  })
})
