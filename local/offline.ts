/**
 * `npm run offline`: the lake is deployed to the emulator, but its functions run in `serverless offline` and are loaded
 * anew when their code changes. Events reach them as they would in Lambda: from S3, by rule and queue.
 */
import { join } from 'node:path'
import { loadLake } from '../cli/lake.ts'
import { names } from '../src/lake/deployed.ts'
import { deploy, serveFunctions, STAGE } from './deploy.ts'
import { type Emulator, freePort, startEmulator, useEmulator } from './emulator.ts'
import { announce, retract } from './endpoint.ts'
import { live } from './lifetime.ts'
import { screenOn } from './screen.ts'

const FUNCTIONS = ['landing', 'catalog', 'sweep']

await live('npm run offline', async (signal) => {
  const screen = screenOn(process.stdout, Date.now)
  const io = { out: console.log, err: console.error, width: process.stderr.columns ?? 100 }
  const lake = await loadLake(join(import.meta.dirname, '../lake.yml'), STAGE, io)
  if (lake === undefined) throw new Error('lake.yml has problems; nothing was started')
  const called = FUNCTIONS.map((name) => names(lake).fn(name))
  let emulator: Emulator | undefined
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
      const { resources } = await deploy(emulator!, { signal })
      return `${resources} resources; their functions are those below`
    })
    screen.line()
    for (const [name, value] of Object.entries(emulator!.environment)) screen.line(`    export ${name}=${value}`)
    screen.line(
      `\n    aws lambda invoke --endpoint-url http://127.0.0.1:${port} --function-name ${called.at(-1)} /dev/stdout\n`,
    )
    await serveFunctions(emulator!, port, signal)
  } finally {
    if (emulator !== undefined) retract(emulator)
    await emulator?.stop()
  }
})
