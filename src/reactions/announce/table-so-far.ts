/** What is known of a table while its commits are taken, one by one. */
import { Refused } from '../../core/refused.ts'
import type { Protocol, TableMetadata, TableState } from '../../tables/change.ts'
import { logicalNames } from '../../tables/delta/mapping.ts'
import type { TableStore } from '../../tables/store.ts'
import { propertyDifference, protocolDifference, schemaDifference } from './difference.ts'
import type { CommitSummary } from './facts.ts'

/** What the cursor remembers, so that a commit without metadata costs no more than its own file. */
export interface TableId {
  /** The table's own id. */
  readonly id: string
  /** When the last commit was written: another time means that it may be another commit. */
  readonly modified: number
  /** Physical and logical names of the partition columns. */
  readonly columns: readonly (readonly [physical: string, logical: string])[]
}

export function parseState(state: string | undefined): TableId | undefined {
  return state === undefined ? undefined : (JSON.parse(state) as TableId)
}

export interface CommitMetadata {
  readonly version: number
  readonly modified: number
  /** Where the commit sets them. */
  readonly protocol?: Protocol
  readonly metadata?: TableMetadata
}

export interface Committed {
  readonly changes: Pick<CommitSummary, 'schema' | 'properties' | 'protocol'>
  readonly columns: ReadonlyMap<string, string>
  readonly state: string
}

/** `unknown`: the log no longer says it. */
type Before = Partial<Pick<TableState, 'protocol' | 'metadata'>> | 'unknown'

export class TableSoFar {
  version: number
  readonly #store: TableStore
  #known: Pick<TableId, 'id' | 'columns'> | undefined
  #state: Before | undefined

  constructor(store: TableStore, version: number, known: TableId | undefined) {
    this.#store = store
    this.version = version
    this.#known = known
  }

  async commit(commit: CommitMetadata): Promise<Committed> {
    const { version, modified, protocol, metadata } = commit
    // The versions in a gap may have set anything.
    if (version > this.version + 1) this.#known = this.#state = undefined
    const changes = await this.#changes(commit)
    if (metadata !== undefined) this.#known = idOf(metadata)
    this.#known ??= idOf(await metadataNear(this.#store, version))
    if (this.#state !== undefined && (metadata ?? protocol) !== undefined)
      this.#state = this.#state === 'unknown' ? undefined : { ...this.#state, ...defined({ protocol, metadata }) }
    this.version = version
    const { id, columns } = this.#known
    const state: TableId = { id, modified, columns }
    return { changes, columns: new Map(columns), state: JSON.stringify(state) }
  }

  /** The version before is read only for a commit that sets metadata or protocol, which few do. */
  async #changes({ version, protocol, metadata }: CommitMetadata): Promise<Committed['changes']> {
    if (protocol === undefined && metadata === undefined) return {}
    this.#state ??= await stateBefore(this.#store, version)
    const before = this.#state
    if (before === 'unknown')
      return { ...(metadata && { schema: null, properties: null }), ...(protocol && { protocol: null }) }
    return defined({
      schema: metadata && schemaDifference(before.metadata, metadata),
      properties: metadata && propertyDifference(before.metadata, metadata),
      protocol: protocol && protocolDifference(before.protocol, protocol),
    })
  }
}

function idOf(metadata: TableMetadata): Pick<TableId, 'id' | 'columns'> {
  const names = logicalNames(metadata)
  const physical = new Map([...names].map(([from, to]) => [to, from]))
  return { id: metadata.id, columns: metadata.partitionColumns.map((name) => [physical.get(name) ?? name, name]) }
}

/** Why a version may be out of reach for good, although newer ones are not. */
const GONE = new Set([
  'no-such-version',
  'version-gap',
  'broken-checkpoint',
  'broken-action',
  'no-protocol',
  'no-metadata',
])

async function stateBefore(store: TableStore, version: number): Promise<Before> {
  if (version === 0) return {}
  return (await stateAt(store, version - 1)) ?? 'unknown'
}

/** Of the version itself or, where the log no longer reaches it, of the newest. */
async function metadataNear(store: TableStore, version: number): Promise<TableMetadata> {
  const state = await stateAt(store, version)
  if (state !== undefined) return state.metadata
  const { readState } = await import('../../tables/delta/state.ts')
  return (await readState(store)).metadata
}

async function stateAt(store: TableStore, version: number): Promise<TableState | undefined> {
  const { readState } = await import('../../tables/delta/state.ts')
  try {
    return await readState(store, version)
  } catch (error) {
    if (error instanceof Refused && GONE.has(error.code)) return undefined
    throw error
  }
}

function defined<Values extends object>(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Values
}
