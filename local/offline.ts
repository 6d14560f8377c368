/**
 * `npm run offline`: the lake is deployed to the emulator, but its functions run in `serverless offline` and are loaded
 * anew when their code changes. Events reach them as they would in Lambda: from S3, by rule and queue.
 */
import { join } from 'node:path'
import { loadLake } from '../cli/lake.ts'
import { names } from '../src/lake/resource-names.ts'
import { deployLake, type LocalCloud, standInsOf, startCloud } from './cloud/cloud.ts'
import { serveFunctions, STAGE } from './cloud/deploy.ts'
import { freePort } from './cloud/emulator.ts'
import { runUntilSignal } from './cloud/run-until-signal.ts'
import { screenOn } from './demo/screen.ts'

/** All that a lake may have; the last is what is invoked by hand. */
const FUNCTIONS = ['commits', 'files', 'catalog', 'catalog-files', 'job', 'deployment', 'webhook', 'sweep']

await runUntilSignal('npm run offline', async (signal) => {
  const screen = screenOn(process.stdout, Date.now)
  const io = { out: console.log, err: console.error, width: process.stderr.columns ?? 100 }
  const lake = await loadLake(join(import.meta.dirname, '../lake.yml'), STAGE, io)
  if (lake === undefined) throw new Error('lake.yml has problems; nothing was started')
  const called = FUNCTIONS.map((name) => names(lake).fn(name))
  let cloud: LocalCloud | undefined
  try {
    const port = await freePort()
    const at = (name: string) => `http://127.0.0.1:${port}/2015-03-31/functions/${name}/invocations`
    cloud = await startCloud(lake, screen, { functionsAt: Object.fromEntries(called.map((name) => [name, at(name)])) })
    await deployLake(cloud, screen, signal)
    screen.line('  Its functions are those below.\n')
    for (const [name, value] of Object.entries(cloud.emulator.environment)) screen.line(`    export ${name}=${value}`)
    screen.line(
      `\n    aws lambda invoke --endpoint-url http://127.0.0.1:${port} --function-name ${called.at(-1)} /dev/stdout`,
    )
    if (cloud.mlflow !== undefined) screen.line(`    npx landfall webhooks register --stage ${STAGE}`)
    screen.line()
    await serveFunctions(cloud.emulator, { ...standInsOf(cloud), lambdaPort: port, signal })
  } finally {
    await cloud?.stop()
  }
})
