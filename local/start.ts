/**
 * The whole of Landfall on this machine: `npm start [-- --once] [-- --port N]`. Starts the emulator, deploys lake.yml to it,
 * plays a scenario on real data, and stays up until Ctrl-C; with --once it ends there, with 0 if all went well.
 */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadLake } from '../cli/lake.ts'
import { deployLake, type LocalCloud, startCloud } from './cloud/cloud.ts'
import { type DeployResult, STAGE } from './cloud/deploy.ts'
import { hasUploads, playFiles } from './demo/job.ts'
import { aborted, runUntilSignal } from './cloud/run-until-signal.ts'
import type { LocalMlflow } from './mlflow/server.ts'
import { hasModel, playModels } from './demo/deployment.ts'
import { startOptions } from './options.ts'
import { playScenario } from './demo/catalog.ts'
import { duration, type Screen, screenOn } from './demo/screen.ts'

const KEPT_LOG = '.landfall/emulator.log'

await runUntilSignal('npm start', async (signal) => {
  const { once, port } = startOptions(process.argv.slice(2))
  const started = Date.now()
  const screen = screenOn(process.stdout, Date.now)
  const io = { out: console.log, err: console.error, width: process.stderr.columns ?? 100 }
  const declared = await loadLake(join(import.meta.dirname, '../lake.yml'), STAGE, io)
  if (declared === undefined) throw new Error('lake.yml has problems; nothing was started')
  let cloud: LocalCloud | undefined
  try {
    screen.section('A lakehouse on this machine')
    cloud = await startCloud(declared, screen, port === undefined ? {} : { port })
    const { emulator, workspace, mlflow } = cloud
    const deployed = await deployLake(cloud, screen, signal)
    const { lake } = deployed
    await playScenario(emulator, lake, screen, signal)
    if (hasUploads(lake)) await playFiles(emulator, workspace, lake, screen, signal)
    if (mlflow !== undefined && hasModel(lake)) await playModels(emulator, mlflow, lake, screen, signal)
    screen.section(`All done in ${duration(Date.now() - started)}.`)
    if (once) return
    invite(screen, cloud, deployed)
    await aborted(signal)
    screen.line()
  } catch (error) {
    if (cloud !== undefined && !signal.aborted) {
      copyFileSync(cloud.emulator.logFile, KEPT_LOG)
      screen.line(`\nThe emulator's log is kept in ${KEPT_LOG}.`)
    }
    throw error
  } finally {
    await cloud?.stop()
  }
})

function invite(screen: Screen, { emulator, mlflow }: LocalCloud, { lake }: DeployResult): void {
  screen.line(`It stays up; Ctrl-C ends it. In another terminal, here:\n`)
  for (const [name, value] of Object.entries(emulator.environment))
    if (name !== 'AWS_EC2_METADATA_DISABLED') screen.line(`    export ${name}=${value}`)
  screen.line()
  const table = Object.values(lake.tables).find((each) => each.catalog !== undefined)
  screen.line(`    npx landfall status --stage ${STAGE}`)
  if (table !== undefined) {
    screen.line(`    npx landfall table s3://${table.location.bucket}/${table.location.prefix}`)
    screen.line(`    aws glue get-table --database-name ${table.catalog?.database} --name ${table.catalog?.table}`)
  }
  screen.line(`    aws s3 ls --recursive s3://${table?.location.bucket ?? ''}\n`)
  if (mlflow !== undefined) inviteToModels(screen, lake, mlflow)
  screen.line(`The emulator's log: ${emulator.logFile}`)
}

function inviteToModels(screen: Screen, { models }: DeployResult['lake'], { host }: LocalMlflow): void {
  screen.line(`    npx landfall webhooks doctor --stage ${STAGE}`)
  for (const { endpoint } of Object.values(models)) {
    const { name, smoke } = endpoint
    screen.line(`    npx landfall rollback ${name} --undo --stage ${STAGE}`)
    if (smoke !== undefined)
      screen.line(
        `    aws sagemaker-runtime invoke-endpoint --endpoint-name ${name} --content-type application/json --cli-binary-format raw-in-base64-out --body '${JSON.stringify(smoke.request)}' /dev/stdout`,
      )
  }
  screen.line(`\nMLflow, to move the alias in: ${host}`)
}
