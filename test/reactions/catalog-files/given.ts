import { inflate } from '../../../src/tables/node/decompressors.ts'
import type { Table } from '../../../src/lake/lake.ts'
import type { CatalogSettings } from '../../../src/glue/settings.ts'
import type { Glue } from '../../../src/glue/ports.ts'
import { catalogFilesReaction } from '../../../src/reactions/catalog-files/reaction.ts'
import { react } from '../../../src/core/react.ts'
import type { Wake } from '../../../src/core/reaction.ts'
import { landingLog } from '../../../src/tables/landing/change.ts'
import { hasFiles } from '../../../src/tables/landing/has-files.ts'
import type { LandedObject } from '../../../src/tables/landing/landing-log.ts'
import { glueTwin } from '../../glue/glue.twin.ts'
import { memoryLandingLog } from '../../tables/landing/landing-log.twin.ts'
import { MemoryStore } from '../../tables/table-store.twin.ts'
import { memoryShell } from '../../core/shell.twin.ts'

/** An Avro container with this schema and no records (Avro specification, "Object Container Files"). */
export function avroFile(schema: unknown): Uint8Array {
  const text = (value: string): number[] => {
    const bytes = [...new TextEncoder().encode(value)]
    return [...long(bytes.length), ...bytes]
  }
  const pairs = [
    ...(schema === undefined ? [] : [['avro.schema', JSON.stringify(schema)] as const]),
    ['avro.codec', 'null'] as const,
  ]
  const metadata = pairs.flatMap(([key, value]) => [...text(key), ...text(value)])
  return Uint8Array.from([
    0x4f,
    0x62,
    0x6a,
    1,
    ...long(pairs.length),
    ...metadata,
    0,
    ...Array.from({ length: 16 }, () => 7),
  ])
}

/** Variable-length zig-zag. */
function long(value: number): number[] {
  const bytes: number[] = []
  let rest = value * 2
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}

export interface Landing {
  readonly put?: Readonly<Record<string, string | Uint8Array>>
  readonly remove?: readonly string[]
}

/** The reaction with its real shell, on twins; the calls are counted for each wake. */
export function filesWorld(
  more: Partial<Omit<Table, 'catalog'>> & { readonly catalog?: Partial<CatalogSettings> } = {},
) {
  const table: Table = {
    name: 'uploads',
    location: { bucket: 'raw', prefix: 'uploads' },
    format: 'json',
    partitions: ['dt'],
    ...more,
    catalog: { database: 'bronze', table: 'uploads', ...more.catalog },
  }
  const store = new MemoryStore('s3://raw/uploads')
  const landings = memoryLandingLog()
  const glue = glueTwin()
  const shell = memoryShell({ now: () => 2_000_000_000_000 })
  const revisions = new Map<string, number>()
  /** A change by somebody else, once, just before the next write to Glue. */
  const others = { meanwhile: async (): Promise<void> => {} }
  const once = async (): Promise<void> => {
    const { meanwhile } = others
    others.meanwhile = async () => {}
    await meanwhile()
  }
  const contended: Glue = {
    ...glue,
    createTable: (...args) => once().then(() => glue.createTable(...args)),
    updateTable: (...args) => once().then(() => glue.updateTable(...args)),
    createPartitions: (...args) => once().then(() => glue.createPartitions(...args)),
  }
  const folders: string[] = []
  const reactionOf = (settings: Table) =>
    catalogFilesReaction({
      tables: { uploads: settings },
      storeOf: () => store,
      logOf: (of) => landingLog(landings, of),
      async hasFiles({ name }, folder) {
        folders.push(folder)
        return hasFiles(landings, name, folder)
      },
      inflate,
      glue: contended,
    })
  const world = {
    table,
    store,
    landings,
    glue,
    shell,
    others,
    /** The catalog that the reaction calls; a test can make its calls fail. */
    contended,
    folders,
    settings: table,
    /** Appends one version to the landing log. */
    async land({ put = {}, remove = [] }: Landing): Promise<number> {
      const version = (await landings.newest(table.name)) + 1
      const at = 1_700_000_000_000 + version
      const object = (key: string, content?: string): LandedObject => {
        const revision = revisions.get(key) ?? 0
        revisions.set(key, revision + 1)
        return { key, ...(content === undefined ? {} : { content }), size: 1, sequencer: '', version, revision, at }
      }
      for (const [key, content] of Object.entries(put)) store.put(key, content)
      for (const key of remove) store.objects.delete(key)
      const known = await landings.objects(table.name, Object.keys(put))
      const overwritten = [...known.values()].filter(({ content }) => content !== undefined).map(({ key }) => key)
      const landed = await landings.append(
        table.name,
        {
          version,
          timestamp: at,
          added: Object.keys(put).map((path) => ({ path, size: 1 })),
          removed: [...remove, ...overwritten],
        },
        [...Object.keys(put).map((key) => object(key, `e${version}`)), ...remove.map((key) => object(key))],
      )
      if (landed !== 'appended') throw new Error(landed)
      return version
    },
    async wake(wake: Partial<Wake> = {}) {
      store.calls.length = 0
      glue.calls.length = 0
      folders.length = 0
      const reacted = await react(reactionOf(world.settings), { subject: 'table/uploads', ...wake }, shell)
      return { reacted, glue: [...glue.calls], reads: store.calls.filter((call) => call.startsWith('open')).length }
    },
    record: () => glue.definition('bronze', 'uploads'),
    columns: () =>
      glue.definition('bronze', 'uploads')?.StorageDescriptor?.Columns?.map(({ Name, Type }) => `${Name} ${Type}`),
    /** `dt value → folder`, in order. */
    partitions: () =>
      [...glue.partitionsOf('bronze', 'uploads').values()]
        .map((each) => `${each.Values.join('/')} ${each.StorageDescriptor.Location?.replace('s3://raw/uploads/', '')}`)
        .sort(),
    refusals: () =>
      shell.bus.published.flatMap((fact) =>
        fact.type === 'Reaction Refused' ? [`${fact.detail.code}: ${fact.detail.reason}`] : [],
      ),
  }
  return world
}
