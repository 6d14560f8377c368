import { describe, expect, test } from '@jest/globals'
import * as z from 'zod/mini'
import { manifestSchema } from '../../../scripts/manifest-schema.ts'
import type { Table } from '../../../src/lake/lake.ts'
import { jobReaction } from '../../../src/reactions/job/reaction.ts'
import type { Manifest } from '../../../src/reactions/job/parameters.ts'
import { react } from '../../../src/core/react.ts'
import type { FileEntry } from '../../../src/tables/change.ts'
import type { TableLog } from '../../../src/tables/log.ts'
import { databricksTwin } from '../../databricks/databricks.twin.ts'
import { memoryShell } from '../../core/shell.twin.ts'

const subject = 'table/uploads'
const table: Table = {
  name: 'uploads',
  location: { bucket: 'raw', prefix: 'uploads' },
  format: 'json',
  partitions: ['dt'],
  job: { name: 'clean', id: 42, quiet: 20_000, files: 3 },
}
const file = (path: string): FileEntry => ({
  path,
  size: 10,
  partitionValues: { dt: '2026-11-22' },
  rows: null,
  deletedRows: 0,
})

/** A log with one file a version, committed at 1,000 ms × version. `oldest` is its first version. */
function world() {
  const versions: FileEntry[][] = []
  const state = { oldest: 0, now: 0 }
  const log: TableLog = {
    newest: async () => versions.length - 1,
    change: () => Promise.reject(new Error('a job has no use for it')),
    newFiles: async (after, version) =>
      after + 1 < state.oldest
        ? undefined
        : { version, timestamp: version * 1_000, files: versions.slice(after + 1, version + 1).flat() },
    live: async () => ({
      version: versions.length - 1,
      timestamp: (versions.length - 1) * 1_000,
      files: asyncOf(versions.flat()),
    }),
  }
  const databricks = databricksTwin()
  const manifests = new Map<string, Manifest>()
  const reaction = jobReaction({
    tables: { uploads: table },
    logOf: () => log,
    databricks,
    async putManifest(_table, name, manifest) {
      if (!manifests.has(name)) manifests.set(name, manifest)
      return `s3://raw/_landfall/${name}.json`
    },
  })
  const shell = memoryShell({ now: () => state.now })
  return { versions, state, databricks, manifests, shell, wake: () => react(reaction, { subject }, shell) }
}

async function* asyncOf<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values
}

describe('the job reaction', () => {
  test('waits for quiet, is woken on time, and starts the job once with exactly the new files', async () => {
    const { versions, state, databricks, shell, wake } = world()
    versions.push([file('dt=2026-11-22/a b+c%.json')])
    expect(await wake()).toMatchObject({ kind: 'idle' })
    expect(shell.later).toEqual([{ wake: { subject }, delay: 20_000 }])
    state.now = 20_000
    expect(await wake()).toMatchObject({ kind: 'running' })
    expect(await wake()).toMatchObject({ kind: 'running' })
    expect(databricks.started).toMatchObject([
      {
        jobId: 42,
        parameters: {
          landfall_table: 'uploads',
          landfall_location: 's3://raw/uploads',
          landfall_format: 'json',
          landfall_after: '-1',
          landfall_version: '0',
          landfall_manifest: '',
        },
      },
    ])
    expect(JSON.parse(databricks.started[0]?.parameters['landfall_files'] ?? '')).toEqual([
      { uri: 's3://raw/uploads/dt=2026-11-22/a b+c%.json', size: 10, partition: { dt: '2026-11-22' } },
    ])
  })

  test('leaves files that arrive meanwhile to the next run, and sends none twice', async () => {
    const { versions, databricks, wake } = world()
    for (const name of ['a', 'b', 'c']) versions.push([file(name)])
    await wake()
    for (const name of ['d', 'e', 'f', 'g']) versions.push([file(name)])
    await wake()
    databricks.end({ kind: 'succeeded' })
    await wake()
    const names = databricks.started.map(({ parameters }) =>
      (JSON.parse(parameters['landfall_files'] ?? '') as { uri: string }[]).map(({ uri }) => uri.slice(-1)),
    )
    expect(names).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e', 'f', 'g'],
    ])
  })

  test('sends a manifest where the parameters would be too large', async () => {
    const { versions, databricks, manifests, wake } = world()
    versions.push(Array.from({ length: 500 }, (_, i) => file(`part-${i}.json`)))
    await wake()
    const { parameters, token } = databricks.started[0]!
    expect(parameters).toMatchObject({ landfall_files: '', landfall_manifest: `s3://raw/_landfall/${token}.json` })
    expect(manifests.get(token)?.files).toHaveLength(500)
    expect(z.strictObject(manifestSchema.shape).parse(manifests.get(token))).toEqual(manifests.get(token))
    expect(manifests.get(token)).toMatchObject({ table: 'uploads', format: 'json', after: -1, version: 0 })
  })

  test('treats a key that looks like a URI of another bucket as a key', async () => {
    const { versions, databricks, wake } = world()
    versions.push(['s3://secret/a.json', 'b.json', 'c.json'].map(file))
    await wake()
    const [first] = JSON.parse(databricks.started[0]?.parameters['landfall_files'] ?? '') as { uri: string }[]
    expect(first?.uri).toBe('s3://raw/uploads/s3://secret/a.json')
  })

  test('puts keys that Databricks could take for placeholders into a manifest, not into parameters', async () => {
    const { versions, databricks, wake } = world()
    versions.push(['{{job.id}}.json', 'b.json', 'c.json'].map(file))
    await wake()
    expect(databricks.started[0]?.parameters).toMatchObject({ landfall_files: '' })
  })

  test('starts with all live files where the log no longer goes back to the cursor', async () => {
    const { versions, state, databricks, wake } = world()
    for (let i = 0; i < 5; i++) versions.push([file(`f${i}`)])
    state.oldest = 3
    await wake()
    expect(databricks.started).toMatchObject([{ parameters: { landfall_after: '-1', landfall_version: '4' } }])
  })

  test('ignores a table without a job', async () => {
    const { shell } = world()
    const reaction = jobReaction({
      tables: {},
      logOf: () => undefined as never,
      databricks: databricksTwin(),
      putManifest: async () => '',
    })
    expect(await react(reaction, { subject: 'table/other' }, shell)).toMatchObject({ kind: 'idle' })
  })
})
