/** Random Delta logs, and a table of files, for the tests of announce. */
import fc from 'fast-check'
import type { Action } from '../../tables/delta/log-builder.ts'
import { add, metaData, protocol, remove, schema, vector } from '../../tables/delta/log-builder.ts'
import type { Table } from '../../../src/lake/lake.ts'
import type { CommitSummary } from '../../../src/reactions/announce/facts.ts'
import type { VersionSource } from '../../../src/reactions/announce/versions.ts'

export const flights: Table = {
  name: 'flights',
  location: { bucket: 'lake', prefix: 'table' },
  format: 'delta',
  partitions: [],
  announce: true,
}

/** One operation in a commit. `pick` selects the live file. */
export type Op =
  | { readonly do: 'append'; readonly files: readonly { day: string | null; size: number; rows: number }[] }
  | { readonly do: 'drop' | 'mark' | 'unmark' | 'compact'; readonly pick: number }
  | { readonly do: 'property' | 'column' | 'upgrade'; readonly pick: number }

const pick = fc.nat(20)
const file = fc.record({
  day: fc.constantFrom('2026-01-01', '2026-01-02', 'a b', null),
  size: fc.integer({ min: 1, max: 1_000 }),
  rows: fc.integer({ min: 1, max: 50 }),
})
export const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('append' as const), files: fc.array(file, { maxLength: 4 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('drop' as const, 'mark' as const, 'unmark' as const, 'compact' as const),
      pick,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('property' as const, 'column' as const, 'upgrade' as const), pick }),
  },
)

interface LiveFile {
  readonly size: number
  readonly rows: number
  readonly hidden: number
  readonly dv?: string
  readonly day: string | null
}

/** Makes valid commits of {@link Op}s, with the actions of a commit in any order. */
export class Writer {
  readonly commits: Action[][] = []
  readonly #live = new Map<string, LiveFile>()
  readonly #fields = [...schema.fields]
  readonly #properties: Record<string, string> = {}
  #files = 0
  #writer = 2

  constructor() {
    this.commits.push([info('CREATE TABLE'), protocol(), this.#metadata()])
  }

  apply(op: Op, order: number): void {
    const actions = this.#actions(op)
    const at = actions.length === 0 ? 0 : order % actions.length
    this.commits.push([info(op.do.toUpperCase()), ...actions.slice(at), ...actions.slice(0, at)])
  }

  #metadata(): Action {
    const configuration = { 'delta.columnMapping.mode': 'name', ...this.#properties }
    const fields = this.#fields.map((field) => ({
      ...field,
      metadata: { 'delta.columnMapping.physicalName': `col-${field.name}` },
    }))
    return metaData({
      schemaString: JSON.stringify({ type: 'struct', fields }),
      partitionColumns: ['day'],
      configuration,
    })
  }

  #actions(op: Op): Action[] {
    if (op.do === 'append')
      return op.files.map(({ day, size, rows }) => this.#add(`f${this.#files++}`, { size, rows, hidden: 0, day }))
    if (op.do === 'property') {
      this.#properties[`p${op.pick % 3}`] = String(op.pick)
      return [this.#metadata()]
    }
    if (op.do === 'column') {
      this.#fields.push({ name: `c${this.#fields.length}`, type: 'long', nullable: true, metadata: {} })
      return [this.#metadata()]
    }
    if (op.do === 'upgrade') return [protocol({ minWriterVersion: (this.#writer = Math.min(6, this.#writer + 1)) })]
    const path = [...this.#live.keys()][op.pick % Math.max(1, this.#live.size)]
    const live = path === undefined ? undefined : this.#live.get(path)
    return path === undefined || live === undefined ? [] : this.#change(op.do, path, live, op.pick)
  }

  #change(how: 'drop' | 'mark' | 'unmark' | 'compact', path: string, live: LiveFile, n: number): Action[] {
    // No row of it was deleted.
    if (how === 'unmark' && live.dv === undefined) return []
    const removed = this.#remove(path, how !== 'compact')
    if (how === 'drop') return [removed]
    const { dv: _, ...plain } = live
    if (how === 'unmark') return [removed, this.#add(path, { ...plain, hidden: 0 })]
    if (how === 'mark') {
      const hidden = Math.min(live.rows, live.hidden + 1 + (n % 3))
      return [removed, this.#add(path, { ...plain, hidden, dv: `v${this.#files++}` })]
    }
    const rows = live.rows - live.hidden
    return [removed, this.#add(`f${this.#files++}`, { ...plain, rows, hidden: 0, size: live.size + 1 }, false)]
  }

  #add(path: string, file: LiveFile, dataChange = true): Action {
    this.#live.set(path, file)
    return add(path, {
      size: file.size,
      partitionValues: { 'col-day': file.day },
      stats: JSON.stringify({ numRecords: file.rows }),
      dataChange,
      ...(file.dv === undefined ? {} : vector(file.dv, file.hidden)),
    })
  }

  #remove(path: string, dataChange: boolean): Action {
    const file = this.#live.get(path)!
    this.#live.delete(path)
    return remove(path, {
      size: file.size,
      partitionValues: { 'col-day': file.day },
      extendedFileMetadata: true,
      stats: JSON.stringify({ numRecords: file.rows }),
      dataChange,
      ...(file.dv === undefined ? {} : vector(file.dv, file.hidden)),
    })
  }
}

export const info = (operation: string, more: Action = {}): Action => ({ commitInfo: { operation, ...more } })

/** Commits of a random history; version 0 creates the table. */
export const history: fc.Arbitrary<readonly (readonly Action[])[]> = fc
  .array(fc.tuple(op, fc.nat(9)), { maxLength: 15 })
  .map((ops) => {
    const writer = new Writer()
    for (const [each, order] of ops) writer.apply(each, order)
    return writer.commits
  })

/** All versions after `after`, read to the end. */
export async function summaries(source: VersionSource, after = -1, state?: string): Promise<CommitSummary[]> {
  const all: CommitSummary[] = []
  let position = { after, state }
  for (;;) {
    const backlog = await source.read(position)
    if (backlog === undefined) return all
    all.push(...backlog.versions.map(({ summary }) => summary))
    const { version, state } = backlog.versions.at(-1)!.reached
    position = { after: version, state }
    if (!backlog.more) return all
  }
}
