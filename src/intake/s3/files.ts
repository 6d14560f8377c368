import type { EpochMs } from '../../core/time.ts'
import type { Table } from '../../lake/lake.ts'
import { appendStates, type LandingPorts } from '../../tables/landing/append.ts'
import type { ObjectState } from '../../tables/landing/event.ts'
import type { LandingStore } from '../../tables/landing/landing-log.ts'
import type { TableObjects } from '../../tables/landing/objects.ts'

/** The landing logs of tables of files, and the objects of their buckets. */
export interface FilePorts {
  readonly store: LandingStore
  objectsOf(table: Table): Pick<TableObjects, 'find'>
}

/** What a batch of events did to the landing log of one table. */
interface AppendedTable {
  readonly table: Table
  /** The newest version of the log; -1 if nothing has changed. */
  readonly version: number
  readonly added: number
  readonly removed: number
  /** Messages whose changes are in the log. */
  readonly ids: readonly string[]
  /** Why others are not, by message id. */
  readonly failures: ReadonlyMap<string, unknown>
}

/** The object states of a batch, with the messages that reported them, by table. */
export class FileStates {
  readonly #tables = new Map<Table, { readonly states: ObjectState[]; readonly ids: Map<string, Set<string>> }>()

  add(table: Table, state: ObjectState, id: string): void {
    const group = this.#tables.get(table) ?? { states: [], ids: new Map<string, Set<string>>() }
    this.#tables.set(table, group)
    group.states.push(state)
    const ids = group.ids.get(state.key) ?? new Set()
    group.ids.set(state.key, ids.add(id))
  }

  /** Appends all states to the landing logs; a failure of one table does not affect the others. */
  append(ports: FilePorts, now: () => EpochMs): Promise<AppendedTable[]> {
    return Promise.all(
      [...this.#tables].map(async ([table, { states, ids }]) => {
        const landing: LandingPorts = { store: ports.store, objects: ports.objectsOf(table), now }
        const { failures: byKey, ...appended } = await appendStates(landing, table.name, states)
        const failures = new Map<string, unknown>()
        for (const [key, error] of byKey) for (const id of ids.get(key) ?? []) failures.set(id, error)
        const all = new Set([...ids.values()].flatMap((each) => [...each]))
        return { table, ...appended, ids: [...all].filter((id) => !failures.has(id)), failures }
      }),
    )
  }
}
