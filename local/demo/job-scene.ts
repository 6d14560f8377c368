import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { EpochMs } from '../../src/core/time.ts'
import { keyPrefix, locationUri, type Table } from '../../src/lake/lake.ts'
import type { CatalogSettings } from '../../src/glue/settings.ts'
import type { JobSettings } from '../../src/reactions/job/settings.ts'
import type { Manifest } from '../../src/reactions/job/parameters.ts'
import type { Run } from '../databricks/run.ts'
import type { LocalDatabricks } from '../databricks/server.ts'
import type { LakeAccess } from './lake-access.ts'
import type { landingProbe } from './landing-probe.ts'
import { duration, type Screen } from './screen.ts'
import type { Upload } from './uploads.ts'

/** What the steps of the job part share. */
export interface Scene {
  readonly lake: LakeAccess
  readonly objects: ReturnType<typeof landingProbe>
  readonly workspace: LocalDatabricks
  readonly screen: Screen
  readonly table: Table & { readonly job: JobSettings; readonly catalog: CatalogSettings }
  /** The table that the job writes. */
  readonly clean: Table & { readonly catalog: CatalogSettings }
  /** The newest upload of each path. Deleted ones stay in it: the job is only told of new files. */
  readonly uploaded: Map<string, Upload>
}

/** Where uploaded files are in the landing log: in the versions beyond `after`, up to `version`. */
export interface LandedRange {
  readonly after: number
  readonly version: number
  /** When the last of these versions was written. */
  readonly at: EpochMs
}

/** Uploads files, and waits until the landing log has all of them. */
export async function upload({ lake, table, uploaded }: Scene, uploads: readonly Upload[]): Promise<LandedRange> {
  const log = lake.logOf(table)
  const after = await log.newest(-1)
  const queue = [...uploads]
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let each = queue.shift(); each !== undefined; each = queue.shift()) {
        const { path, text: Body } = each
        await lake.s3.send(new PutObjectCommand({ ...objectAt(table, path), Body }))
        uploaded.set(path, each)
      }
    }),
  )
  return lake.until(`${uploads.length} more files in the landing log of ${table.name}`, async () => {
    const version = await log.newest(after)
    const change = await log.change(after, version)
    const added = new Set(change?.added.map(({ path }) => path))
    return change !== undefined && uploads.every(({ path }) => added.has(path))
      ? { after, version, at: change.timestamp }
      : undefined
  })
}

export function objectAt({ location }: Table, path: string): { Bucket: string; Key: string } {
  return { Bucket: location.bucket, Key: `${keyPrefix(location)}${path}` }
}

/**
 * Waits until the job's run has ended. It must be the only one since there were `known` runs, and must have been given exactly
 * these files.
 */
export async function expectOneRun(
  { lake, workspace, table }: Scene,
  known: number,
  landed: LandedRange,
  uploads: readonly Upload[],
): Promise<Run> {
  const run = await lake.until(`the end of a run of ${table.job.name}`, async () => {
    const [found] = workspace.runs().slice(known)
    return found?.phase === 'ENDED' ? found : undefined
  })
  const { ending, output, parameters } = run
  if (ending?.result !== 'SUCCESS') throw new Error(`the run failed: ${ending?.message}\n${output.stderr}`)
  const given = (await filesOf(lake, parameters)).map(({ uri }) => uri).sort()
  const expected = uploads.map(({ path }) => `${locationUri(table.location)}/${path}`).sort()
  const runs = workspace.runs().length - known
  if (runs !== 1) throw new Error(`${runs} runs of ${table.job.name} were started for versions up to ${landed.version}`)
  if (given.join() !== expected.join())
    throw new Error(`the run was given ${given.join(', ')}\nexpected ${expected.join(', ')}`)
  return run
}

async function filesOf(lake: LakeAccess, parameters: Run['parameters']): Promise<Manifest['files']> {
  const { landfall_files: files = '', landfall_manifest: uri = '' } = parameters
  if (uri === '') return JSON.parse(files) as Manifest['files']
  const { hostname: Bucket, pathname } = new URL(uri)
  const { Body } = await lake.s3.send(new GetObjectCommand({ Bucket, Key: pathname.slice(1) }))
  return (JSON.parse((await Body?.transformToString()) ?? '') as Manifest).files
}

export function describeRun({ created, parameters, output }: Run, { at }: LandedRange): string {
  const how = parameters['landfall_manifest'] === '' ? 'its parameters' : 'a manifest'
  const after = duration(created - at)
  return `one run, ${after} after the last file, with exactly these files (in ${how}): ${output.stdout.trim()}`
}

/** As in SQL. */
export function nameOf({ database, table }: CatalogSettings): string {
  return `${database}.${table}`
}
