import type { Table } from '../../lake/lake.ts'
import { appendStates, type LandingPorts } from '../../tables/landing/append.ts'
import type { ObjectState } from '../../tables/landing/event.ts'
import type { LandingStore } from '../../tables/landing/landing-log.ts'
import type { TableObjects } from '../../tables/landing/objects.ts'

/** What landing needs for tables of files. */
export interface FilePorts {
  readonly store: LandingStore
  objectsOf(table: Table): Pick<TableObjects, 'find'>
}

/** What became of a batch's news of one table. */
export interface LandedTable {
  readonly table: Table
  /** Of its landing log; -1 when nothing of it is news to anyone. */
  readonly version: number
  readonly added: number
  readonly removed: number
  /** Messages whose news are in the log. */
  readonly ids: readonly string[]
  /** Why the others are not, by message id. */
  readonly failures: ReadonlyMap<string, unknown>
}

/** The news of a batch, with the messages that brought them, by table. */
export class FileStates {
  readonly #tables = new Map<Table, { readonly news: ObjectState[]; readonly ids: Map<string, Set<string>> }>()

  add(table: Table, news: ObjectState, id: string): void {
    const group = this.#tables.get(table) ?? { news: [], ids: new Map<string, Set<string>>() }
    this.#tables.set(table, group)
    group.news.push(news)
    const ids = group.ids.get(news.key) ?? new Set()
    group.ids.set(news.key, ids.add(id))
  }

  /** Takes all of them into their logs, each table by itself. */
  land(ports: FilePorts, now: () => number): Promise<LandedTable[]> {
    return Promise.all(
      [...this.#tables].map(async ([table, { news, ids }]) => {
        const landing: LandingPorts = { store: ports.store, objects: ports.objectsOf(table), now }
        const { failures: byKey, ...appended } = await appendStates(landing, table.name, news)
        const failures = new Map<string, unknown>()
        for (const [key, error] of byKey) for (const id of ids.get(key) ?? []) failures.set(id, error)
        const all = new Set([...ids.values()].flatMap((each) => [...each]))
        return { table, ...appended, ids: [...all].filter((id) => !failures.has(id)), failures }
      }),
    )
  }
}
