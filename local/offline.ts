/**
 * `npm run offline`: the lake is deployed to the emulator, but its functions run in `serverless offline` and are loaded
 * anew when their code changes. Events reach them as they would in Lambda: from S3, by rule and queue.
 */
import { join } from 'node:path'
import { loadLake } from '../cli/lake.ts'
import { names } from '../src/lake/deployed.ts'
import { type LocalDatabricks, startDatabricks } from './databricks/server.ts'
import { deploy, serveFunctions, STAGE } from './deploy.ts'
import { childEnvironment, type Emulator, freePort, startEmulator, useEmulator } from './emulator.ts'
import { announce, retract } from './endpoint.ts'
import { live } from './lifetime.ts'
import { screenOn } from './screen.ts'
import { setUpWorkspace } from './workspace.ts'

/** All that a lake may have; the last is what is invoked by hand. */
const FUNCTIONS = ['landing', 'files', 'catalog', 'catalog-files', 'job', 'webhook', 'sweep']

await live('npm run offline', async (signal) => {
  const screen = screenOn(process.stdout, Date.now)
  const io = { out: console.log, err: console.error, width: process.stderr.columns ?? 100 }
  const lake = await loadLake(join(import.meta.dirname, '../lake.yml'), STAGE, io)
  if (lake === undefined) throw new Error('lake.yml has problems; nothing was started')
  const called = FUNCTIONS.map((name) => names(lake).fn(name))
  let emulator: Emulator | undefined
  let workspace: LocalDatabricks | undefined
  try {
    const port = await freePort()
    await screen.step('AWS emulator', async () => {
      emulator = await startEmulator({
        functionsAt: Object.fromEntries(
          called.map((name) => [name, `http://127.0.0.1:${port}/2015-03-31/functions/${name}/invocations`]),
        ),
      })
      useEmulator(emulator)
      announce(emulator)
      return emulator.endpoint
    })
    await screen.step(`serverless deploy --stage ${STAGE}`, async () => {
      workspace = await startDatabricks({ environment: childEnvironment(emulator!, process.env) })
      const { lake: deployed, resources } = await deploy(emulator!, { databricks: workspace.host, signal })
      await setUpWorkspace(workspace, emulator!, deployed)
      return `${resources} resources; their functions are those below`
    })
    screen.line()
    for (const [name, value] of Object.entries(emulator!.environment)) screen.line(`    export ${name}=${value}`)
    screen.line(
      `\n    aws lambda invoke --endpoint-url http://127.0.0.1:${port} --function-name ${called.at(-1)} /dev/stdout\n`,
    )
    await serveFunctions(emulator!, { databricks: workspace!.host, lambdaPort: port, signal })
  } finally {
    if (emulator !== undefined) retract(emulator)
    await workspace?.stop()
    await emulator?.stop()
  }
})
