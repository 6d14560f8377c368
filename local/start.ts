/** `npm start`: the whole of Landfall on this machine, with a demo on real data. See `HELP` in options.ts. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadLake } from '../cli/lake.ts'
import type { Lake } from '../src/lake/lake.ts'
import { names } from '../src/lake/resource-names.ts'
import { type LocalCloud, startCloud } from './cloud/cloud.ts'
import { STAGE } from './cloud/deploy.ts'
import { aborted, runUntilSignal } from './cloud/run-until-signal.ts'
import { inviteLines } from './demo/invite.ts'
import type { Part } from './demo/part.ts'
import { listParts, parts, selectParts, systemsOf } from './demo/parts.ts'
import { type PartResult, playParts } from './demo/play.ts'
import { duration, type Screen, screenOn } from './demo/screen.ts'
import { Turns } from './demo/turns.ts'
import { HELP, startOptions } from './options.ts'

const KEPT_LOG = '.landfall/emulator.log'

await runUntilSignal('npm start', async (signal) => {
  const options = startOptions(
    process.argv.slice(2),
    parts.map(({ name }) => name),
  )
  if (options.help) return console.log(HELP)
  if (options.list) return console.log(listParts().join('\n'))
  const started = Date.now()
  const lake = await declaredLake()
  const selected = playable(selectParts(options.only), lake)
  const turns = new Turns((text) => void process.stdout.write(text))
  const nextScreen = () => {
    const output = turns.next()
    return { ...screenOn(process.stdout, Date.now, output), end: output.end }
  }
  const screen = nextScreen()
  let cloud: LocalCloud | undefined
  try {
    screen.section('A lakehouse on this machine')
    await screen.step('AWS emulator', async () => {
      cloud = await startCloud(lake, systemsOf(selected), { port: options.port })
      return cloud.emulator.endpoint
    })
    const results = await demo(cloud!, lake, selected, { screen, nextScreen, signal })
    const last = screenOn(process.stdout, Date.now)
    expectSuccess(results, signal)
    last.section(`All done in ${duration(Date.now() - started)}.`)
    if (options.once) return
    for (const line of inviteLines(lake, cloud!, systemsOf(selected))) last.line(line)
    await aborted(signal)
    last.line()
  } catch (error) {
    if (cloud !== undefined && !signal.aborted) {
      copyFileSync(cloud.emulator.logFile, KEPT_LOG)
      console.log(`\nThe emulator's log is kept in ${KEPT_LOG}.`)
    }
    throw error
  } finally {
    await cloud?.stop()
  }
})

async function declaredLake(): Promise<Lake> {
  const io = { out: console.log, err: console.error, width: process.stderr.columns ?? 100 }
  const lake = await loadLake(join(import.meta.dirname, '../lake.yml'), STAGE, io)
  if (lake === undefined) throw new Error('lake.yml has problems; nothing was started')
  return lake
}

/** The parts for which lake.yml declares what they show. The others are named. */
function playable(selected: readonly Part[], lake: Lake): Part[] {
  const found = selected.filter(({ name, missing }) => {
    const lacks = missing(lake)
    if (lacks !== undefined) console.log(`${name} is skipped: lake.yml does not declare ${lacks}.`)
    return lacks === undefined
  })
  if (found.length === 0) throw new Error('there is nothing to show of this lake.yml; nothing was started')
  return found
}

interface Screens {
  /** Shown now. */
  readonly screen: Screen & { end(): void }
  readonly nextScreen: () => Screen & { end(): void }
  readonly signal: AbortSignal
}

/** Deploys and plays. Parts begin while the lake is deployed, and are shown once it is. */
async function demo(
  cloud: LocalCloud,
  lake: Lake,
  selected: readonly Part[],
  { screen, nextScreen, signal }: Screens,
): Promise<PartResult[]> {
  const { emulator, system } = cloud
  const deployed = cloud.deploy(signal)
  const playing = playParts(selected, { emulator, lake, signal, deployed, system, screen: nextScreen })
  try {
    await screen.step(`serverless deploy`, async () => {
      const { resources } = await deployed
      return `${resources} resources of the stack ${names(lake).stack}`
    })
  } catch (error) {
    // All parts wait for the deploy: what they say of it is not shown.
    await playing
    throw error
  }
  if (selected.length > 1) {
    const rest = selected.slice(1).map(({ name }) => name)
    screen.line(
      `\n${rest.join(', ')} run${rest.length === 1 ? 's' : ''} in the background; output follows part by part.`,
    )
  }
  screen.end()
  return playing
}

function expectSuccess(results: readonly PartResult[], signal: AbortSignal): void {
  signal.throwIfAborted()
  const failed = results.filter(({ error }) => error !== undefined)
  if (failed.length === 0) return
  const names = failed.map(({ name }) => name).join(', ')
  throw new Error(`${failed.length} of ${results.length} parts failed: ${names}`)
}
