import type { CatalogTable } from '../../glue/settings.ts'
import { Refused } from '../../core/refused.ts'
import { columnsOf } from '../../glue/columns.ts'
import { fingerprint, merged, ownedParameter } from '../../glue/merge.ts'
import type { Parameters, PartitionInput, StorageDescriptor, TableInput } from '../../glue/ports.ts'
import {
  isSchemaParameter,
  partitionColumnParameters,
  schemaIn,
  schemaParameters,
} from '../../glue/schema-parameters.ts'
import { DELTA_STAMP, type StampKeys, TABLE_ID } from '../../glue/stamp.ts'
import { type FileFormat, locationUri, type Table } from '../../lake/lake.ts'
import type { Partition } from '../../tables/landing/partition.ts'
import { NULL_PARTITION } from '../../tables/landing/paths.ts'
import type { StructField } from '../../tables/schema.ts'
import { FORMATS } from './formats.ts'
import type { CsvDialect, FileSchema } from './infer/schema.ts'
import { field } from './lattice.ts'
import { projectionParameters } from './projection.ts'

export const STAMP: StampKeys = { version: 'landfall.version', committed: 'landfall.committed' }
/** What `rescue` noted, as JSON. */
const RESCUED = 'landfall.rescued'
/** On a table and its partitions: a hash of formats and columns, so that a partition is compared without its columns. */
export const PARTITION_RECORD = 'landfall.record'

/** What `rescue` has noted so far, kept as JSON. */
export interface Rescued {
  readonly columns: Readonly<Record<string, string>>
  /** How many of the files that were read had something to note. */
  readonly files: number
}

/**
 * The record that a table of files should have, without the stamp of its version (docs/reactions/catalog-files.md has it in full).
 *
 * @throws {Refused} `partition-column-in-file`, and what Glue cannot hold.
 */
export function definitionOf(table: CatalogTable, schema: FileSchema, rescued?: Rescued): TableInput {
  const { catalog, format, partitions } = table
  if (format === 'delta') throw new Error(`Table ${table.name} is no table of files in the catalog.`)
  const data = dataFields(table, schema)
  const keys = partitions.map((name) => field(name, sparkType(table.partitionTypes?.[name])))
  const parameters = {
    ...followed(table, schema, rescued),
    ...schemaParameters({ type: 'struct', fields: [...data, ...keys] }),
    EXTERNAL: 'TRUE',
    classification: format,
    [TABLE_ID]: `${locationUri(table.location)}/`,
  }
  const { serde, input, output } = FORMATS[format]
  const serdeInfo = serde(schema)
  for (const [key, value] of Object.entries(serdeInfo.Parameters ?? {})) {
    if (value.length > LONGEST_VALUE) throw tooLong(key, value)
  }
  const columns = columnsOf({ type: 'struct', fields: [...data, ...keys] })
  const StorageDescriptor: StorageDescriptor = {
    Columns: columns.slice(0, data.length),
    Location: `${locationUri(table.location)}/`,
    InputFormat: input,
    OutputFormat: output,
    SerdeInfo: serdeInfo,
  }
  const record: Parameters = keys.length === 0 ? {} : { [PARTITION_RECORD]: partitionRecord(StorageDescriptor) }
  return {
    Name: catalog.table,
    TableType: 'EXTERNAL_TABLE',
    Parameters: { ...parameters, ...record },
    PartitionKeys: columns.slice(data.length),
    StorageDescriptor,
  }
}

/** Glue's longest value of a parameter, in characters (API reference, "SerDeInfo", Parameters). */
const LONGEST_VALUE = 512_000

function tooLong(key: string, { length }: string): Refused {
  return new Refused(
    'schema-too-long',
    `The parameter ${key} has ${length} characters; Glue allows ${LONGEST_VALUE}.`,
    {
      subject: key,
      expected: `at most ${LONGEST_VALUE} characters`,
      found: `${length}`,
      advice: 'Write the files with fewer columns, or with shorter documentation in their schema.',
    },
  )
}

/** A file's column with a partition column's name is left out: the partition column is read. CSV, which is read by position, cannot leave one out. */
function dataFields({ name, format, partitions }: Table, { fields }: FileSchema): readonly StructField[] {
  const keys = new Set(partitions.map((each) => each.toLowerCase()))
  const [both] = fields.filter((each) => keys.has(each.name.toLowerCase()))
  if (both === undefined || format !== 'csv') return fields.filter((each) => !keys.has(each.name.toLowerCase()))
  throw new Refused(
    'partition-column-in-file',
    `The CSV files of ${name} have a column ${both.name}, which is also a partition column.`,
    {
      subject: both.name,
      expected: 'a partition column that is only in the folders',
      advice: 'Give the partition column another name, by a pattern under partitions in lake.yml.',
    },
  )
}

/** Parameters that follow the table's settings and files, and the list of their names. */
function followed(table: CatalogTable, { csv }: FileSchema, rescued: Rescued | undefined): Parameters {
  const format = table.format as FileFormat
  const own: Record<string, string> = {
    typeOfData: 'file',
    compressionType: 'none',
    ...(csv && FORMATS[format].parameters?.(csv)),
    ...projectionParameters(table),
    ...partitionColumnParameters(table.partitions),
    ...(rescued === undefined || rescued.files === 0 ? {} : { [RESCUED]: JSON.stringify(rescued) }),
  }
  return { ...own, ...ownedParameter(Object.keys(own)) }
}

function sparkType(type = 'string'): string {
  return { int: 'integer', bigint: 'long' }[type] ?? type
}

/** As {@link merged}, without what another SerDe or a Delta table left in the record. */
export function mergedRecord(found: TableInput, wanted: TableInput): TableInput {
  const serde = found.StorageDescriptor?.SerdeInfo
  const isSame = serde?.SerializationLibrary === wanted.StorageDescriptor?.SerdeInfo?.SerializationLibrary
  const { [DELTA_STAMP.version]: _v, [DELTA_STAMP.committed]: _t, table_type: _type, ...rest } = found.Parameters ?? {}
  const kept = Object.fromEntries(Object.entries(rest).filter(([key]) => !key.startsWith('spark.sql.')))
  const storage: StorageDescriptor = { ...found.StorageDescriptor, SerdeInfo: isSame ? serde : { Name: serde?.Name } }
  return merged({ ...found, Parameters: { ...kept, ...schemaOnly(rest) }, StorageDescriptor: storage }, wanted)
}

/** Merging needs the last written schema: it tells comments by hand from those of the files. */
function schemaOnly(parameters: Parameters): Parameters {
  return Object.fromEntries(Object.entries(parameters).filter(([key]) => isSchemaParameter(key)))
}

/** The columns of the last record; `undefined` when they are missing or of another table or format. */
export function knownSchema(table: CatalogTable, found: TableInput): FileSchema | undefined {
  const parameters = found.Parameters ?? {}
  if (parameters[TABLE_ID] !== `${locationUri(table.location)}/` || parameters['classification'] !== table.format)
    return undefined
  const schema = schemaIn(parameters)
  const keys = new Set(table.partitions.map((each) => each.toLowerCase()))
  const fields = schema?.fields.filter(({ name }) => !keys.has(name.toLowerCase()))
  if (fields === undefined || fields.length === 0) return undefined
  if (table.format === 'csv') {
    const csv = dialectIn(parameters)
    return csv && { fields, csv }
  }
  const avro = found.StorageDescriptor?.SerdeInfo?.Parameters?.['avro.schema.literal']
  if (table.format === 'avro') return avro === undefined ? undefined : { fields, avro }
  return { fields }
}

function dialectIn({ delimiter, areColumnsQuoted }: Parameters): CsvDialect | undefined {
  const known = ([',', ';', '\t', '|'] as const).find((each) => each === delimiter)
  return known === undefined ? undefined : { delimiter: known, quoted: areColumnsQuoted === 'true' }
}

export function rescuedIn(found: TableInput): Rescued {
  try {
    const { columns, files } = JSON.parse(found.Parameters?.[RESCUED] ?? '{}') as Partial<Rescued>
    return { columns: columns ?? {}, files: files ?? 0 }
  } catch {
    // Edited by hand: start over.
    return { columns: {}, files: 0 }
  }
}

function partitionRecord(storage: StorageDescriptor): string {
  return fingerprint({ Name: '', StorageDescriptor: storage })
}

/** A partition of a table with this definition: the same formats and columns, at its own location. */
export function partitionInput(
  table: CatalogTable,
  { values, folder }: Partition,
  definition: TableInput,
): PartitionInput {
  return {
    Values: glueValues(values),
    StorageDescriptor: { ...definition.StorageDescriptor, Location: `${locationUri(table.location)}/${folder}` },
    Parameters: { [PARTITION_RECORD]: definition.Parameters?.[PARTITION_RECORD] ?? '' },
  }
}

export function glueValues(values: Partition['values']): string[] {
  return values.map((value) => value ?? NULL_PARTITION)
}
