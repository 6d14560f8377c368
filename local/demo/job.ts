import { type Lake, locationUri } from '../../src/lake/lake.ts'
import type { Emulator } from '../cloud/emulator.ts'
import { glueDiff } from './glue-diff.ts'
import { expectNoRuns } from './job-no-run.ts'
import { describeRun, expectOneRun, type LandedRange, nameOf, type Scene, upload } from './job-scene.ts'
import { lakeAccess } from './lake-access.ts'
import { landingProbe } from './landing-probe.ts'
import type { Part, PartContext } from './part.ts'
import { query } from './query.ts'
import { count, duration } from './screen.ts'
import { dailyUploads, type Total, total, type Upload } from './uploads.ts'

/**
 * A quarter of real flights is uploaded as files, in two bursts. Each burst is in the landing log and in the catalog at once, and
 * a single run of the job processes it when it is over. Then things happen that must not start a run.
 */
export const job: Part = {
  name: 'job',
  summary: 'files land in S3, one Databricks run processes each burst',
  systems: ['databricks'],
  after: [],
  missing: (lake) =>
    tablesOf(lake) === undefined
      ? '`uploads` with the job clean-uploads and a catalog, and `uploads_clean` in the catalog'
      : undefined,
  title(lake) {
    const { table, clean } = tablesOf(lake)!
    return `job: files land in ${locationUri(table.location)},\n${table.job.name} on Databricks writes ${nameOf(clean.catalog)}`
  },
  play,
}

/** The table of files, with the one job that there is Python for, and the table that this job writes. */
function tablesOf({ tables }: Lake): Pick<Scene, 'table' | 'clean'> | undefined {
  const { uploads, uploads_clean: clean } = tables
  if (uploads?.job?.name !== 'clean-uploads' || uploads.catalog === undefined) return undefined
  if (clean?.catalog === undefined) return undefined
  const { job, catalog } = uploads
  return { table: { ...uploads, job, catalog }, clean: { ...clean, catalog: clean.catalog } }
}

async function play({ emulator, lake, screen, signal, system }: PartContext): Promise<void> {
  const workspace = await system('databricks')
  const access = lakeAccess(lake, signal)
  const objects = landingProbe(lake)
  try {
    const scene: Scene = { lake: access, objects, workspace, screen, ...tablesOf(lake)!, uploaded: new Map() }
    const months = Map.groupBy(await dailyUploads(), ({ path }) => path.slice(3, 10))
    const [january = [], february = [], march = []] = months.values()
    await burst(scene, 'January', january)
    await burst(scene, 'Feb and March', [...february, ...march])
    await expectNoRuns(scene, march)
    await compareWithUploads(scene, emulator)
  } finally {
    objects.close()
    access.close()
  }
}

async function burst(scene: Scene, label: string, uploads: readonly Upload[]): Promise<void> {
  const { lake, screen, table, clean, workspace } = scene
  const known = workspace.runs().length
  const cleanBefore = await lake.record(clean.catalog)
  let landed: LandedRange | undefined
  await screen.step(`${label}: ${uploads.length} files`, async (note) => {
    const before = await lake.record(table.catalog)
    note('uploading')
    landed = await upload(scene, uploads)
    note(`version ${landed.version} has them, waiting for the catalog`)
    const { done } = await lake.caughtUp(table.name, landed.version, 'catalog-files')
    const partitions = await lake.partitions(table.catalog)
    const changed = glueDiff(before, await lake.record(table.catalog))
    const lag = duration(Math.max(0, done - landed.at))
    return `v${landed.after + 1}–v${landed.version}  Glue +${lag}: ${changed}; ${partitions} partitions`
  })
  await screen.step(`  ${table.job.name}`, async (note) => {
    note(`starts once no file has come for ${duration(table.job.quiet ?? 0)}`)
    const run = await expectOneRun(scene, known, landed!, uploads)
    const { done } = await lake.caughtUp(table.name, landed!.version, 'job')
    return `${describeRun(run, landed!)}; its end was known +${duration(done - (run.ended ?? done))}`
  })
  await screen.step(`  ${nameOf(clean.catalog)}`, async (note) => {
    const version = await lake.logOf(clean).newest(-1)
    note(`version ${version} is written, waiting for the catalog`)
    await lake.caughtUp(clean.name, version)
    return `v${version}  Glue: ${glueDiff(cleanBefore, await lake.record(clean.catalog))}`
  })
}

async function compareWithUploads({ screen, clean, uploaded, lake }: Scene, emulator: Emulator): Promise<void> {
  await screen.step('compared with the uploads', async () => {
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
