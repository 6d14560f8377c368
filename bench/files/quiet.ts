/** The delay of a job beyond the quiet time of lake.yml: from the last file of a burst to the run, with deployed functions. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { lakeAccess } from '../../local/demo/lake-access.ts'
import { startDatabricks } from '../../local/databricks/server.ts'
import { deploy } from '../../local/cloud/deploy.ts'
import { childEnvironment, startEmulator, useEmulator } from '../../local/cloud/emulator.ts'
import { setUpWorkspace } from '../../local/databricks/setup.ts'
import { atMost, type Figure } from '../figure.ts'

const BURSTS = 10
const FILES_A_BURST = 5

export async function quietFigures(say: (line: string) => void): Promise<Figure[]> {
  const emulator = await startEmulator()
  useEmulator(emulator)
  const workspace = await startDatabricks({ environment: childEnvironment(emulator, process.env) })
  const ending = new AbortController()
  try {
    say('deploys to the emulator')
    const lakeFile = join(import.meta.dirname, 'lake.yml')
    const { lake } = await deploy(emulator, { lakeFile, databricks: workspace.host })
    await setUpWorkspace(workspace, emulator, lake)
    const { uploads } = lake.tables
    if (uploads?.job?.quiet === undefined) throw new Error(`${lakeFile} has no table uploads with a quiet window`)
    const { quiet } = uploads.job
    const { s3, logOf, caughtUp, until, close } = lakeAccess(lake, ending.signal)
    const log = logOf(uploads)
    say(`${BURSTS} bursts of ${FILES_A_BURST} files, each followed by ${quiet / 1000} s of quiet`)
    const beyond: number[] = []
    for (let burst = 0; burst < BURSTS; burst++) {
      for (let i = 0; i < FILES_A_BURST; i++) {
        const Key = `${uploads.location.prefix}/dt=2026-01-01/${burst}-${i}.json`
        await s3.send(new PutObjectCommand({ Bucket: uploads.location.bucket, Key, Body: `{"burst": ${burst}}\n` }))
        await sleep(100)
      }
      const run = await until(`run ${burst + 1}`, async () => workspace.runs()[burst])
      const version = await log.newest(-1)
      const last = await log.change(version - 1, version)
      beyond.push(run.created - (last?.timestamp ?? 0) - quiet)
      await caughtUp(uploads.name, version, 'job')
    }
    close()
    const early = beyond.filter((ms) => ms < 0)
    if (early.length > 0 || workspace.runs().length !== BURSTS)
      throw new Error(`${workspace.runs().length} runs of ${BURSTS} bursts, by ${early.join(', ')} ms too early`)
    say(`beyond the window, in ms: ${beyond.join(', ')}`)
    return [atMost('files/quiet-window-beyond', 's', Math.max(...beyond) / 1000, 2)]
  } finally {
    ending.abort()
    await workspace.stop()
    await emulator.stop()
  }
}
