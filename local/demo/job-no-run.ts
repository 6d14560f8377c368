import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { tableSubject } from '../../src/lake/subjects.ts'
import { describeRun, expectOneRun, type LandedRange, objectAt, type Scene, upload } from './job-scene.ts'
import { corrected, type Upload } from './uploads.ts'

/** Events that must not start a run; then a correction, which starts exactly one, whose end is never reported. */
export async function expectNoRuns(scene: Scene, uploads: readonly Upload[]): Promise<void> {
  const [kept, deleted, wrong] = uploads
  if (kept === undefined || deleted === undefined || wrong === undefined) throw new Error('too few uploads')
  const known = scene.workspace.runs().length
  const newest = await scene.lake.logOf(scene.table).newest(-1)
  scene.screen.section('Events that must not start a run')
  await repeatEvents(scene, uploads, newest)
  await uploadSameBytes(scene, kept, newest)
  await deleteFile(scene, deleted, newest)
  await loseEndOfRun(scene, known, wrong)
}

/** @throws Error where the landing log has got a version since */
async function unchanged({ lake, table }: Scene, newest: number): Promise<string> {
  const version = await lake.logOf(table).newest(-1)
  if (version !== newest) throw new Error(`the landing log went from version ${newest} to ${version}`)
  return `landing log unchanged at v${version}`
}

async function repeatEvents(scene: Scene, uploads: readonly Upload[], newest: number): Promise<void> {
  const { lake, objects, screen, table } = scene
  const paths = uploads.map(({ path }) => path)
  await screen.step(`${uploads.length} events delivered again`, async () => {
    const unfinished = await objects.resendEvents(table, paths)
    await lake.until('the events to be processed', async () => ((await unfinished()) === 0 ? true : undefined))
    return unchanged(scene, newest)
  })
}

async function uploadSameBytes(scene: Scene, { path, text: Body }: Upload, newest: number): Promise<void> {
  const { lake, objects, screen, table } = scene
  await screen.step('same bytes uploaded again', async () => {
    const before = await objects.object(table.name, path)
    await lake.s3.send(new PutObjectCommand({ ...objectAt(table, path), Body }))
    await lake.until('its event to be processed', async () =>
      (await objects.object(table.name, path))?.sequencer === before?.sequencer ? undefined : true,
    )
    return unchanged(scene, newest)
  })
}

async function deleteFile({ lake, screen, table }: Scene, { path }: Upload, newest: number): Promise<void> {
  await screen.step('a file deleted', async () => {
    await lake.s3.send(new DeleteObjectCommand(objectAt(table, path)))
    await lake.caughtUp(table.name, newest + 1, 'catalog-files')
    return `v${newest + 1}  its partition leaves the catalog, ${await lake.partitions(table.catalog)} remain`
  })
}

async function loseEndOfRun(scene: Scene, known: number, wrong: Upload): Promise<void> {
  const { lake, screen, table, workspace } = scene
  const correction = corrected(wrong)
  let landed: LandedRange | undefined
  screen.section('A correction starts one run; the notification of its end is lost')
  await screen.step('a file corrected', async () => {
    workspace.plan({ drop_notifications: 1 })
    landed = await upload(scene, [correction])
    const run = await expectOneRun(scene, known, landed, [correction])
    const { run: open } = await lake.cursor(table.name, 'job')
    if (open?.externalId !== String(run.id)) throw new Error(`the end of run ${run.id} is known already`)
    return `v${landed.version}  ${describeRun(run, landed)}; Landfall still waits for its end`
  })
  await screen.step('the periodic sweep', async () => {
    await lake.sweep(tableSubject(table.name))
    const { version } = await lake.caughtUp(table.name, landed!.version, 'job')
    const runs = workspace.runs().length
    if (runs !== known + 1) throw new Error(`${runs} runs in all`)
    return `asks Databricks; the job is done up to v${version}; ${runs} runs in all`
  })
}
