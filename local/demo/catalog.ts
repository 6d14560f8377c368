import type { CatalogSettings, Lake, Table } from '../../src/lake/lake.ts'
import { locationUri } from '../../src/lake/lake.ts'
import { type LakeAccess, lakeAccess } from './lake-access.ts'
import type { Emulator } from '../cloud/emulator.ts'
import { query, type QueryResult } from './query.ts'
import { glueDiff } from './glue-diff.ts'
import { count, duration, type Screen } from './screen.ts'
import { type DeltaWriter, startWriter, type Truth, type WriterCommand, type Written } from './writer.ts'

interface Scene {
  readonly lake: LakeAccess
  readonly writer: DeltaWriter
  readonly screen: Screen
  readonly table: string
  readonly catalog: CatalogSettings
}

/**
 * Half a year of real flights becomes a Delta table, written by delta-rs, while the catalog follows; then things go wrong
 * as they do; then the table is queried through the catalog, and the answer is compared with the source.
 */
export async function playScenario(emulator: Emulator, lake: Lake, screen: Screen, signal: AbortSignal): Promise<void> {
  const { table, catalog } = demoTable(lake)
  const deployed = lakeAccess(lake, signal)
  let writer: DeltaWriter | undefined
  try {
    screen.section(
      `delta-rs writes ${locationUri(table.location)}; Glue's ${catalog.database}.${catalog.table} follows`,
    )
    await screen.step('3,000,000 flights of 2001', async () => {
      writer = await startWriter(emulator, locationUri(table.location))
      return 'read by the writer from vega-datasets'
    })
    const scene = { lake: deployed, writer: writer!, screen, table: table.name, catalog }
    signal.addEventListener('abort', () => scene.writer.close())
    await grows(scene)
    await goesWrong(scene)
    await isQueried(scene, emulator)
  } finally {
    writer?.close()
    deployed.close()
  }
}

/** The lake's own example table, or else its first Delta table with a catalog. */
function demoTable(lake: Lake): { readonly table: Table; readonly catalog: CatalogSettings } {
  const tables = [lake.tables['flights'], ...Object.values(lake.tables)]
  for (const table of tables)
    if (table?.format === 'delta' && table.catalog !== undefined) return { table, catalog: table.catalog }
  throw new Error(`lake.yml declares no Delta table with \`catalog\`, so there is nothing for the demo to show.`)
}

async function grows(scene: Scene): Promise<void> {
  await commit(scene, 'January', { do: 'append', month: '2001-01' })
  await commit(scene, 'February', { do: 'append', month: '2001-02' })
  await commit(scene, 'March', { do: 'append', month: '2001-03' })
  await commit(scene, 'April, with a new column', { do: 'append', month: '2001-04', state: true })
  await commit(scene, 'impossible delays deleted', { do: 'delete', below: -90 })
  await commit(scene, 'small files compacted', { do: 'compact' })
  const table = 'US flights of 2001'
  await commit(scene, 'described', { do: 'describe', table, column: 'delay', comment: 'minutes' })
}

/** One thing that the writer does, and what came of it in the catalog once that has seen it. */
async function commit(scene: Scene, label: string, command: WriterCommand): Promise<void> {
  await scene.screen.step(label, async (note) => {
    const before = await scene.lake.record(scene.catalog)
    note('writing')
    const written = await scene.writer.write(command)
    note(`version ${written.version} is written; the catalog is behind`)
    const cursor = await scene.lake.caughtUp(scene.table, written.version)
    const after = await scene.lake.record(scene.catalog)
    return `${summary(written)}  catalog +${duration(Math.max(0, cursor.done - written.committed))}: ${glueDiff(before, after)}`
  })
}

function summary({ version, files }: Written): string {
  return `v${String(version).padEnd(3)}${String(files).padStart(3)} files`
}

async function goesWrong(scene: Scene): Promise<void> {
  const { lake, writer, screen, catalog } = scene
  screen.section('What goes wrong is made good')
  await screen.step("May; S3's events are lost", async () => {
    let written: Written | undefined
    await lake.losingEvents(async () => {
      written = await writer.write({ do: 'append', month: '2001-05', state: true })
    })
    return `${summary(written!)}  nobody was told`
  })
  await commit(scene, 'June; its event brings May too', { do: 'append', month: '2001-06', state: true })
  await screen.step('dropped from Glue by hand', async () => {
    await lake.drop(catalog)
    if ((await lake.record(catalog)) !== undefined) throw new Error('Glue still has it')
    return `${catalog.database}.${catalog.table} is gone`
  })
  await screen.step('the sweep', async (note) => {
    await lake.sweep()
    note('every subject is woken')
    return glueDiff(undefined, await lake.recorded(catalog))
  })
}

const QUESTIONS = [
  `SELECT count(*) AS rows, sum(delay) AS delay FROM {table}`,
  `SELECT month, count(*) AS flights, round(avg(delay), 1) AS delay FROM {table} GROUP BY month ORDER BY month`,
  `SELECT origin_state AS state, count(*) AS flights, round(avg(delay), 1) AS delay FROM {table}
   WHERE origin_state IS NOT NULL GROUP BY origin_state ORDER BY flights DESC LIMIT 5`,
]

async function isQueried(scene: Scene, emulator: Emulator): Promise<void> {
  const { screen, writer, catalog } = scene
  screen.section('Asked through the catalog, knowing nothing but the name')
  let asked: QueryResult | undefined
  await screen.step(`SELECT … FROM ${catalog.database}.${catalog.table}`, async () => {
    asked = await query(
      emulator,
      catalog,
      QUESTIONS.map((text) => text.replace('{table}', catalog.table)),
    )
    return `Glue says Delta at ${asked.location}; its version ${asked.version}`
  })
  const [total, months, states] = asked!.answers.map((answer) => answer.rows)
  await screen.step('compared with the source', async () => {
    const found = total![0] as unknown as Truth
    const truth = await writer.truth()
    if (found.rows !== truth.rows || found.delay !== truth.delay)
      throw new Error(`the table has ${JSON.stringify(found)}, the source ${JSON.stringify(truth)}`)
    return `${count(found.rows)} flights, ${count(found.delay)} minutes of delay: both agree`
  })
  for (const rows of [months!, states!]) {
    screen.line()
    for (const row of rows) {
      const [name = '', flights = 0, delay = 0] = Object.values(row)
      screen.line(
        `      ${String(name).padEnd(10)}${count(Number(flights)).padStart(10)} flights ${Number(delay).toFixed(1).padStart(7)} min late`,
      )
    }
  }
}
