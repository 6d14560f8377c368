import { type Lake, locationUri, type Table } from '../../src/lake/lake.ts'
import type { CatalogSettings } from '../../src/glue/settings.ts'
import { tableSubject } from '../../src/lake/subjects.ts'
import type { Emulator } from '../cloud/emulator.ts'
import { glueDiff } from './glue-diff.ts'
import { type LakeAccess, lakeAccess } from './lake-access.ts'
import type { Part, PartContext } from './part.ts'
import { query, type QueryResult } from './query.ts'
import { count, duration, type Screen } from './screen.ts'
import { type DeltaWriter, startWriter, type Truth, type WriterCommand, type Written } from './writer.ts'

interface Scene {
  readonly lake: LakeAccess
  readonly writer: DeltaWriter
  readonly screen: Screen
  readonly table: Table
  readonly catalog: CatalogSettings
}

/**
 * delta-rs writes half a year of real flights into a Delta table, and the catalog follows. Then events are lost and the table is
 * dropped from the catalog. At last the table is queried through the catalog, and the answer is compared with the source.
 */
export const catalog: Part = {
  name: 'catalog',
  summary: 'delta-rs writes a Delta table, the Glue catalog follows',
  systems: [],
  after: [],
  missing: (lake) => (demoTable(lake) === undefined ? 'a Delta table with `catalog`' : undefined),
  title(lake) {
    const { table, catalog } = demoTable(lake)!
    return `catalog: delta-rs writes ${locationUri(table.location)},\n${catalog.database}.${catalog.table} in Glue follows`
  },
  play,
}

/** The example lake's own table, or else the first Delta table that is in the catalog. */
function demoTable(lake: Lake): { readonly table: Table; readonly catalog: CatalogSettings } | undefined {
  for (const table of [lake.tables['flights'], ...Object.values(lake.tables)])
    if (table?.format === 'delta' && table.catalog !== undefined) return { table, catalog: table.catalog }
  return undefined
}

async function play({ emulator, lake, screen, signal, deployed }: PartContext): Promise<void> {
  const { table, catalog } = demoTable(lake)!
  // Loads its data while the lake is deployed.
  const starting = startWriter(emulator, locationUri(table.location))
  const access = lakeAccess(lake, signal)
  const close = (): void => void starting.then((writer) => writer.close()).catch(() => undefined)
  signal.addEventListener('abort', close)
  try {
    await Promise.all([starting, deployed])
    let writer: DeltaWriter | undefined
    await screen.step('3,000,000 flights of 2001', async () => {
      writer = await starting
      return 'from vega-datasets, ready to be written'
    })
    const scene = { lake: access, writer: writer!, screen, table, catalog }
    await grow(scene)
    await loseAndRepair(scene)
    await compareByQuery(scene, emulator)
  } finally {
    close()
    access.close()
  }
}

async function grow(scene: Scene): Promise<void> {
  await commit(scene, 'January', { do: 'append', month: '2001-01' })
  await commit(scene, 'February', { do: 'append', month: '2001-02' })
  await commit(scene, 'March', { do: 'append', month: '2001-03' })
  await commit(scene, 'April, with a new column', { do: 'append', month: '2001-04', state: true })
  await commit(scene, 'impossible delays deleted', { do: 'delete', below: -90 })
  await commit(scene, 'small files compacted', { do: 'compact' })
  const table = 'US flights of 2001'
  await commit(scene, 'comments added', { do: 'describe', table, column: 'delay', comment: 'minutes' })
}

/** One commit of the writer, and how the catalog changed by it. */
async function commit(scene: Scene, label: string, command: WriterCommand): Promise<void> {
  await scene.screen.step(label, async (note) => {
    const before = await scene.lake.record(scene.catalog)
    note('writing')
    const written = await scene.writer.write(command)
    note(`version ${written.version} is written, waiting for the catalog`)
    const cursor = await scene.lake.caughtUp(scene.table.name, written.version)
    const after = await scene.lake.record(scene.catalog)
    const lag = duration(Math.max(0, cursor.done - written.committed))
    return `${summary(written)}  Glue +${lag}: ${glueDiff(before, after)}`
  })
}

function summary({ version, files }: Written): string {
  return `v${String(version).padEnd(2)} ${String(files).padStart(2)} files`
}

async function loseAndRepair(scene: Scene): Promise<void> {
  const { lake, writer, screen, table, catalog } = scene
  screen.section('Failures are repaired')
  await screen.step("May, S3's events are lost", async () => {
    let written: Written | undefined
    await lake.losingEvents(table, async () => {
      written = await writer.write({ do: 'append', month: '2001-05', state: true })
    })
    return `${summary(written!)}  nobody was notified`
  })
  await commit(scene, 'June, its event covers May', { do: 'append', month: '2001-06', state: true })
  await screen.step('dropped from Glue by hand', async () => {
    await lake.drop(catalog)
    if ((await lake.record(catalog)) !== undefined) throw new Error('Glue still has it')
    return `${catalog.database}.${catalog.table} is gone`
  })
  await screen.step('the periodic sweep', async (note) => {
    await lake.sweep(tableSubject(table.name))
    note('waiting for the catalog')
    return glueDiff(undefined, await lake.recorded(catalog))
  })
}

const QUESTIONS = [
  `SELECT count(*) AS rows, sum(delay) AS delay FROM {table}`,
  `SELECT month, count(*) AS flights, round(avg(delay), 1) AS delay FROM {table} GROUP BY month ORDER BY month`,
  `SELECT origin_state AS state, count(*) AS flights, round(avg(delay), 1) AS delay FROM {table}
   WHERE origin_state IS NOT NULL GROUP BY origin_state ORDER BY flights DESC LIMIT 5`,
]

async function compareByQuery(scene: Scene, emulator: Emulator): Promise<void> {
  const { screen, writer, catalog } = scene
  screen.section('Queried as Athena would: by name, through the catalog')
  let result: QueryResult | undefined
  await screen.step(`SELECT … FROM ${catalog.database}.${catalog.table}`, async () => {
    const statements = QUESTIONS.map((text) => text.replace('{table}', catalog.table))
    result = await query(emulator, catalog, statements)
    return `Glue says Delta at ${result.location}, version ${result.version}`
  })
  const [total, months, states] = result!.answers.map((answer) => answer.rows)
  await screen.step('compared with the source', async () => {
    const found = total![0] as unknown as Truth
    const truth = await writer.truth()
    if (found.rows !== truth.rows || found.delay !== truth.delay)
      throw new Error(`the table has ${JSON.stringify(found)}, the source ${JSON.stringify(truth)}`)
    return `${count(found.rows)} flights, ${count(found.delay)} minutes of delay: both agree`
  })
  for (const rows of [months!, states!]) printRows(screen, rows)
}

function printRows(screen: Screen, rows: QueryResult['answers'][number]['rows']): void {
  screen.line()
  for (const row of rows) {
    const [name = '', flights = 0, delay = 0] = Object.values(row)
    const minutes = Number(delay).toFixed(1).padStart(7)
    screen.line(`      ${String(name).padEnd(10)}${count(Number(flights)).padStart(10)} flights ${minutes} min late`)
  }
}
