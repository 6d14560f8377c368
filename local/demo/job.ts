import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import {
  type CatalogSettings,
  type JobSettings,
  type Lake,
  locationUri,
  type Table,
  keyPrefix,
} from '../../src/lake/lake.ts'
import type { Manifest } from '../../src/reactions/job/parameters.ts'
import { type LakeAccess, lakeAccess } from './lake-access.ts'
import type { Run } from '../databricks/run.ts'
import type { LocalDatabricks } from '../databricks/server.ts'
import type { Emulator } from '../cloud/emulator.ts'
import { landingProbe } from './landing-probe.ts'
import { query } from './query.ts'
import { glueDiff } from './glue-diff.ts'
import { count, duration, type Screen } from './screen.ts'
import { corrected, dailyUploads, type Total, total, type Upload } from './uploads.ts'

interface Scene {
  readonly lake: LakeAccess
  readonly objects: ReturnType<typeof landingProbe>
  readonly workspace: LocalDatabricks
  readonly screen: Screen
  readonly table: Table & { readonly job: JobSettings; readonly catalog: CatalogSettings }
  /** What the job makes of it. */
  readonly clean: Table & { readonly catalog: CatalogSettings }
  /** The newest upload of each path, deleted ones too: jobs are told of what is new alone. */
  readonly uploaded: Map<string, Upload>
}

/**
 * A quarter of real flights lands as files, in bursts: each burst is in the landing log and the catalog at once, and one run of
 * the job takes it, once it is over. Then things happen that must not start it.
 */
export async function playFiles(
  emulator: Emulator,
  workspace: LocalDatabricks,
  lake: Lake,
  screen: Screen,
  signal: AbortSignal,
): Promise<void> {
  const deployed = lakeAccess(lake, signal)
  const objects = landingProbe(lake)
  try {
    const scene: Scene = { lake: deployed, objects, workspace, screen, ...tablesOf(lake), uploaded: new Map() }
    const days = Map.groupBy(await dailyUploads(), ({ path }) => path.slice(3, 10))
    const [january = [], february = [], march = []] = days.values()
    screen.section(
      `Files land in ${locationUri(scene.table.location)}; the job ${scene.table.job.name} makes ${nameOf(scene.clean.catalog)} of them`,
    )
    await burst(scene, 'January', january)
    await burst(scene, 'February and March', [...february, ...march])
    await nothingTwice(scene, march)
    await isCompared(scene, emulator)
  } finally {
    objects.close()
    deployed.close()
  }
}

/** Whether the lake has what this scenario is about: `uploads`, with a job that there is Python for, and what that makes. */
export function hasUploads({ tables: { uploads, uploads_clean: clean } }: Lake): boolean {
  return uploads?.job?.name === 'clean-uploads' && uploads.catalog !== undefined && clean?.catalog !== undefined
}

function tablesOf({ tables: { uploads, uploads_clean: clean } }: Lake): Pick<Scene, 'table' | 'clean'> {
  if (uploads?.job === undefined || uploads.catalog === undefined || clean?.catalog === undefined)
    throw new Error('lake.yml declares no table `uploads` with a job and a catalog, and `uploads_clean`')
  const { job, catalog } = uploads
  return { table: { ...uploads, job, catalog }, clean: { ...clean, catalog: clean.catalog } }
}

async function burst(scene: Scene, label: string, uploads: readonly Upload[]): Promise<void> {
  const { lake, screen, table, clean, workspace } = scene
  const known = workspace.runs().length
  const cleanBefore = await lake.record(clean.catalog)
  let landed: Landed | undefined
  await screen.step(`${label}: ${uploads.length} files`, async (note) => {
    const before = await lake.record(table.catalog)
    note('uploading')
    landed = await land(scene, uploads)
    note(`version ${landed.version} has them; the catalog is behind`)
    const { done } = await lake.caughtUp(table.name, landed.version, 'catalog-files')
    const partitions = await lake.partitions(table.catalog)
    const changed = glueDiff(before, await lake.record(table.catalog))
    return `v${landed.after + 1} … v${landed.version}  catalog +${duration(Math.max(0, done - landed.at))}: ${changed}; ${partitions} partitions`
  })
  await screen.step(`  ${table.job.name}`, async (note) => {
    note(`starts once nothing has landed for ${duration(table.job.quiet ?? 0)}`)
    const run = await oneRun(scene, known, landed!, uploads)
    const { done } = await lake.caughtUp(table.name, landed!.version, 'job')
    return `${said(run, landed!)}; its end heard +${duration(done - (run.ended ?? done))}`
  })
  await screen.step(`  ${nameOf(clean.catalog)}`, async (note) => {
    const version = await lake.logOf(clean).newest(-1)
    note(`version ${version} is written; the catalog is behind`)
    await lake.caughtUp(clean.name, version)
    return `v${version}  catalog: ${glueDiff(cleanBefore, await lake.record(clean.catalog))}`
  })
}

interface Landed {
  /** Versions of the landing log: those after `after`, up to `version`. */
  readonly after: number
  readonly version: number
  /** When the last of them was, in ms since the epoch. */
  readonly at: number
}

/** Uploads files, and waits until the landing log has all of them. */
async function land({ lake, table, uploaded }: Scene, uploads: readonly Upload[]): Promise<Landed> {
  const log = lake.logOf(table)
  const after = await log.newest(-1)
  const queue = [...uploads]
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let upload = queue.shift(); upload !== undefined; upload = queue.shift()) {
        const { path, text: Body } = upload
        await lake.s3.send(new PutObjectCommand({ ...placeOf(table, path), Body }))
        uploaded.set(path, upload)
      }
    }),
  )
  return lake.until(`the landing log of ${table.name} to have ${uploads.length} files more`, async () => {
    const version = await log.newest(after)
    const change = await log.change(after, version)
    const added = new Set(change?.added.map(({ path }) => path))
    return change !== undefined && uploads.every(({ path }) => added.has(path))
      ? { after, version, at: change.timestamp }
      : undefined
  })
}

function placeOf({ location: { bucket, prefix } }: Table, path: string): { Bucket: string; Key: string } {
  return { Bucket: bucket, Key: `${keyPrefix({ prefix })}${path}` }
}

/** The workspace's one run since there were `known`, once it has ended; it was told of these files and no others. */
async function oneRun(
  { lake, workspace, table }: Scene,
  known: number,
  landed: Landed,
  uploads: readonly Upload[],
): Promise<Run> {
  const run = await lake.until(`a run of ${table.job.name} to end`, async () => {
    const [found] = workspace.runs().slice(known)
    return found?.phase === 'ENDED' ? found : undefined
  })
  const { ending, output, parameters } = run
  if (ending?.result !== 'SUCCESS') throw new Error(`the run failed: ${ending?.message}\n${output.stderr}`)
  const told = (await filesOf(lake, parameters)).map(({ uri }) => uri).sort()
  const wanted = uploads.map(({ path }) => `${locationUri(table.location)}/${path}`).sort()
  const runs = workspace.runs().length - known
  if (runs !== 1) throw new Error(`${runs} runs of ${table.job.name} were started for versions up to ${landed.version}`)
  if (told.join() !== wanted.join())
    throw new Error(`the run was told of ${told.join(', ')}\nnot of ${wanted.join(', ')}`)
  return run
}

async function filesOf(lake: LakeAccess, parameters: Run['parameters']): Promise<Manifest['files']> {
  const { landfall_files: files = '', landfall_manifest: uri = '' } = parameters
  if (uri === '') return JSON.parse(files) as Manifest['files']
  const { hostname: Bucket, pathname } = new URL(uri)
  const { Body } = await lake.s3.send(new GetObjectCommand({ Bucket, Key: pathname.slice(1) }))
  return (JSON.parse((await Body?.transformToString()) ?? '') as Manifest).files
}

function said({ created, parameters, output }: Run, { at }: Landed): string {
  const how = parameters['landfall_manifest'] === '' ? 'its parameters' : 'a manifest'
  return `one run, ${duration(created - at)} after the last file, of these alone (by ${how}): ${output.stdout.trim()}`
}

/** What is no news starts nothing; what is, and is all there is, starts one run, of which nobody hears. */
async function nothingTwice(scene: Scene, uploads: readonly Upload[]): Promise<void> {
  const { lake, objects, screen, table, workspace } = scene
  const [kept, deleted, wrong] = uploads
  if (kept === undefined || deleted === undefined || wrong === undefined) throw new Error('too few uploads')
  const known = workspace.runs().length
  const log = lake.logOf(table)
  const newest = await log.newest(-1)
  const stands = async (): Promise<string> => {
    const version = await log.newest(-1)
    if (version !== newest) throw new Error(`the landing log went from version ${newest} to ${version}`)
    return `the landing log stays at v${version}`
  }
  screen.section('What is no news starts nothing')
  await screen.step(`all events of ${uploads.length} files again`, async () => {
    const left = await objects.tellAgain(
      table,
      uploads.map(({ path }) => path),
    )
    await lake.until('the events to be read', async () => ((await left()) === 0 ? true : undefined))
    return stands()
  })
  await screen.step('a file uploaded again, as it was', async () => {
    const before = await objects.object(table.name, kept.path)
    await lake.s3.send(new PutObjectCommand({ ...placeOf(table, kept.path), Body: kept.text }))
    await lake.until('its event to be taken in', async () =>
      (await objects.object(table.name, kept.path))?.sequencer === before?.sequencer ? undefined : true,
    )
    return stands()
  })
  await screen.step('a file deleted', async () => {
    await lake.s3.send(new DeleteObjectCommand(placeOf(table, deleted.path)))
    await lake.caughtUp(table.name, newest + 1, 'catalog-files')
    return `v${newest + 1}  its partition leaves the catalog, ${await lake.partitions(table.catalog)} are left`
  })
  await lostEnd(scene, known, wrong)
}

async function lostEnd(scene: Scene, known: number, wrong: Upload): Promise<void> {
  const { lake, screen, table, workspace } = scene
  const upload = corrected(wrong)
  let landed: Landed | undefined
  await screen.step('a correction; the end is not told', async () => {
    workspace.plan({ drop_notifications: 1 })
    landed = await land(scene, [upload])
    const run = await oneRun(scene, known, landed, [upload])
    const { run: open } = await lake.cursor(table.name, 'job')
    if (open?.externalId !== String(run.id)) throw new Error(`the run ${run.id} is over, and it is known already`)
    return `v${landed.version}  ${said(run, landed)}; for Landfall it still runs`
  })
  await screen.step('the sweep', async () => {
    await lake.sweep()
    const { version } = await lake.caughtUp(table.name, landed!.version, 'job')
    const runs = workspace.runs().length
    if (runs !== known + 1) throw new Error(`${runs} runs in all`)
    return `asks Databricks, and the job has come to v${version}; ${runs} runs in all`
  })
}

async function isCompared({ screen, clean, uploaded, lake }: Scene, emulator: Emulator): Promise<void> {
  await screen.step('compared with what was uploaded', async () => {
    await lake.caughtUp(clean.name, await lake.logOf(clean).newest(-1))
    const sql = `SELECT count(*) AS rows, sum(delay) AS delay FROM ${clean.catalog.table}`
    const { answers } = await query(emulator, clean.catalog, [sql])
    const [found] = (answers[0]?.rows ?? []) as unknown as Total[]
    const truth = total(uploaded.values())
    if (found?.rows !== truth.rows || found.delay !== truth.delay)
      throw new Error(`${nameOf(clean.catalog)} has ${JSON.stringify(found)}, the uploads ${JSON.stringify(truth)}`)
    return `${count(found.rows)} flights, ${count(found.delay)} minutes of delay in ${nameOf(clean.catalog)}: both agree`
  })
}

function nameOf({ database, table }: CatalogSettings): string {
  return `${database}.${table}`
}
