/**
 * `npm run offline`: the lake is deployed to the emulator, but its functions run in `serverless offline`, which loads them again
 * when their code changes. Events reach them as in Lambda: from S3, by rule and queue.
 */
import { join } from 'node:path'
import { loadLake } from '../cli/lake.ts'
import { names } from '../src/lake/resource-names.ts'
import { reactions } from '../src/reactions/index.ts'
import { type LocalCloud, startCloud } from './cloud/cloud.ts'
import { serveFunctions, STAGE } from './cloud/deploy.ts'
import { freePort } from './cloud/emulator.ts'
import { runUntilSignal } from './cloud/run-until-signal.ts'
import { screenOn } from './demo/screen.ts'
import { systemNames, systems } from './systems.ts'

/** All that a lake may have. The last is the one to invoke by hand. */
const FUNCTIONS = ['commits', 'files', ...reactions.map(({ name }) => name), 'webhook', 'sweep']

await runUntilSignal('npm run offline', async (signal) => {
  const screen = screenOn(process.stdout, Date.now)
  const io = { out: console.log, err: console.error, width: process.stderr.columns ?? 100 }
  const lake = await loadLake(join(import.meta.dirname, '../lake.yml'), STAGE, io)
  if (lake === undefined) throw new Error('lake.yml has problems; nothing was started')
  const functions = FUNCTIONS.map((name) => names(lake).fn(name))
  const used = systemNames.filter((name) => systems[name].isUsedBy(lake))
  let cloud: LocalCloud | undefined
  try {
    const port = await freePort()
    const at = (name: string) => `http://127.0.0.1:${port}/2015-03-31/functions/${name}/invocations`
    const functionsAt = Object.fromEntries(functions.map((name) => [name, at(name)]))
    await screen.step('AWS emulator', async () => {
      cloud = await startCloud(lake, used, { functionsAt })
      return cloud.emulator.endpoint
    })
    const { emulator, standIns } = cloud!
    await screen.step('serverless deploy', async () => `${(await cloud!.deploy(signal)).resources} resources`)
    for (const name of used) await cloud!.system(name)
    screen.line('  Its functions are those below.\n')
    for (const [name, value] of Object.entries(emulator.environment)) screen.line(`    export ${name}=${value}`)
    screen.line(
      `\n    aws lambda invoke --endpoint-url http://127.0.0.1:${port} --function-name ${functions.at(-1)} /dev/stdout`,
    )
    if (used.includes('mlflow')) screen.line(`    npx landfall webhooks register --stage ${STAGE}`)
    screen.line()
    await serveFunctions(emulator, { ...standIns, lambdaPort: port, signal })
  } finally {
    await cloud?.stop()
  }
})
