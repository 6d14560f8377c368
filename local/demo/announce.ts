import type { Lake, Table } from '../../src/lake/lake.ts'
import type { CommitDetail } from '../../src/reactions/announce/facts.ts'
import { factQueue } from './fact-queue.ts'
import { type LakeAccess, lakeAccess } from './lake-access.ts'
import { landfall, landfallLines } from './landfall-command.ts'
import type { Part, PartContext } from './part.ts'

/**
 * What delta-rs wrote is on the bus: a fact for each version. Someone who subscribes late has all of them sent again, with the same
 * ids, and finds in them what `landfall events` reads from the log.
 */
export const announce: Part = {
  name: 'announce',
  summary: 'each version of the table is a fact on the bus',
  systems: [],
  after: ['catalog'],
  missing: (lake) => (demoTable(lake) === undefined ? 'a Delta table `flights` with `announce`' : undefined),
  title: (lake) => `announce: each version of ${demoTable(lake)!.name} is a fact on the bus`,
  play,
}

/** That of the catalog's part, which has written it. */
function demoTable({ tables: { flights } }: Lake): Table | undefined {
  return flights?.format === 'delta' && flights.announce === true ? flights : undefined
}

async function play({ lake, screen, signal }: PartContext): Promise<void> {
  const { name } = demoTable(lake)!
  const access = lakeAccess(lake, signal)
  const queue = await factQueue(lake, 'Table Committed')
  try {
    const logged = await landfallLines(['events', name, '--stage', lake.stage, '--json'])
    const wanted = new Map(
      logged.map((line) => JSON.parse(line) as CommitDetail).map((fact) => [fact.version, fact.id]),
    )
    await screen.step('published while it was written', async () => {
      const { version } = await access.caughtUp(name, Math.max(...wanted.keys()), 'announce')
      return `versions 0 to ${version}`
    })
    await screen.step('a late subscriber: replay', () =>
      landfall(['replay', name, '--from', '0', '--reaction', 'announce', '--stage', lake.stage]),
    )
    await screen.step('every fact again, by its id', async () => {
      await received(queue, wanted, access)
      return `${wanted.size} facts: the same ids as \`landfall events\``
    })
    const lines = await landfallLines(['events', name, '--stage', lake.stage], 80)
    for (const line of ['', ...lines.slice(0, 12), '    …']) screen.line(line)
  } finally {
    queue.close()
    access.close()
  }
}

/** Waits until each version's fact has come in, with the id that the log gives it. */
async function received(
  queue: Awaited<ReturnType<typeof factQueue>>,
  wanted: ReadonlyMap<number, string>,
  { until }: LakeAccess,
): Promise<void> {
  const found = new Map<number, string>()
  await until('the facts of all versions', async () => {
    for (const { version, id } of await queue.take<CommitDetail>()) found.set(version, id)
    return found.size >= wanted.size ? found : undefined
  })
  for (const [version, id] of wanted)
    if (found.get(version) !== id) throw new Error(`version ${version} has the id ${found.get(version)}, not ${id}`)
}
