import type { StructField } from '../../src/tables/schema.ts'

/** Changes by a Delta writer that the catalog record must follow or ignore. */
export type Op =
  | { readonly do: 'append' }
  | { readonly do: 'optimize' }
  | { readonly do: 'add-column' | 'drop-column' | 'retype' | 'rename'; readonly pick: number }
  | { readonly do: 'comment' | 'describe' | 'set-property'; readonly pick: number; readonly text: string }
  | { readonly do: 'unset-property' | 'repartition'; readonly pick: number }

/** Writes an object; `at` is its time, where the store lets the writer set it. */
export type Put = (key: string, body: string, at: number) => Promise<void>

interface Metadata {
  description?: string
  fields: StructField[]
  partitionColumns: string[]
  configuration: Record<string, string>
}

const types = ['integer', 'long', 'string', 'double', 'decimal(10,2)', 'date', 'timestamp']

/**
 * Commits to a Delta table, one JSON file a version, as delta-rs would: the smallest writer that can put
 * a table into every state that matters to its catalog record.
 */
export class DeltaWriter {
  version = -1
  readonly #put: Put
  readonly #prefix: string
  #columns = 0
  readonly metadata: Metadata = {
    fields: [],
    partitionColumns: [],
    configuration: { 'delta.columnMapping.mode': 'name' },
  }

  constructor(put: Put, prefix: string) {
    this.#put = put
    this.#prefix = prefix
    this.#addColumn('long')
    this.#addColumn('string')
  }

  /** Returns the key of the commit. */
  create(at: number): Promise<string> {
    const protocol = { protocol: { minReaderVersion: 2, minWriterVersion: 5 } }
    return this.#commit([protocol, this.#metadataAction(), this.#file()], at)
  }

  apply(op: Op, at: number): Promise<string> {
    if (op.do === 'append') return this.#commit([this.#file()], at)
    if (op.do === 'optimize') return this.#commit([{ ...this.#file(false) }], at)
    this.#change(op)
    return this.#commit([this.#metadataAction()], at)
  }

  #change(op: Exclude<Op, { readonly do: 'append' } | { readonly do: 'optimize' }>): void {
    const { fields, configuration } = this.metadata
    const at = op.pick % fields.length
    const field = fields[at]
    if (field === undefined) return
    const replace = (next: StructField) => fields.splice(at, 1, next)
    if (op.do === 'add-column') this.#addColumn(types[op.pick % types.length] ?? 'string')
    else if (op.do === 'drop-column' && fields.length > 1) this.#drop(at)
    else if (op.do === 'retype') replace({ ...field, type: types[op.pick % types.length] ?? 'string' })
    else if (op.do === 'rename') this.#rename(field, replace)
    else if (op.do === 'comment') replace({ ...field, metadata: { ...field.metadata, comment: op.text } })
    else if (op.do === 'describe') this.metadata.description = op.text
    else if (op.do === 'set-property') configuration[`quality.${op.pick % 3}`] = op.text
    else if (op.do === 'unset-property') delete configuration[`quality.${op.pick % 3}`]
    else if (op.do === 'repartition') this.metadata.partitionColumns = [field.name]
  }

  #addColumn(type: string): void {
    this.#columns++
    const name = `c${this.#columns}`
    const metadata = {
      'delta.columnMapping.id': this.#columns,
      'delta.columnMapping.physicalName': `col-${this.#columns}`,
    }
    this.metadata.fields.push({ name, type, nullable: true, metadata })
  }

  #drop(at: number): void {
    const [gone] = this.metadata.fields.splice(at, 1)
    this.metadata.partitionColumns = this.metadata.partitionColumns.filter((name) => name !== gone?.name)
  }

  #rename(field: StructField, replace: (next: StructField) => void): void {
    const name = `${field.name}r`
    replace({ ...field, name })
    this.metadata.partitionColumns = this.metadata.partitionColumns.map((old) => (old === field.name ? name : old))
  }

  #metadataAction(): object {
    const { fields, partitionColumns, configuration, description } = this.metadata
    return {
      metaData: {
        id: 'b3f0b1de-0000-4000-8000-000000000001',
        format: { provider: 'parquet', options: {} },
        schemaString: JSON.stringify({ type: 'struct', fields }),
        partitionColumns,
        configuration,
        ...(description === undefined ? {} : { description }),
        createdTime: 0,
      },
    }
  }

  #file(dataChange = true): object {
    const path = `part-${this.version + 1}.parquet`
    return { add: { path, partitionValues: {}, size: 100, modificationTime: 0, dataChange, stats: '{"numRecords":3}' } }
  }

  async #commit(actions: readonly object[], at: number): Promise<string> {
    this.version++
    const info = { commitInfo: { timestamp: at, operation: 'WRITE' } }
    const key = `${this.#prefix}/_delta_log/${String(this.version).padStart(20, '0')}.json`
    await this.#put(key, `${[info, ...actions].map((action) => JSON.stringify(action)).join('\n')}\n`, at)
    return key
  }
}
