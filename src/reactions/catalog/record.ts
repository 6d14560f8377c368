import type { CatalogTable } from '../../glue/settings.ts'
import { truncateUtf8 } from '../../core/text.ts'
import { columnsOf } from '../../glue/columns.ts'
import { ownedKeys, ownedParameter } from '../../glue/merge.ts'
import type { Parameters, TableInput } from '../../glue/ports.ts'
import { schemaIn, schemaParameters } from '../../glue/schema-parameters.ts'
import { DELTA_STAMP, TABLE_ID } from '../../glue/stamp.ts'
import { multiLine, singleLine } from '../../glue/text.ts'
import { locationUri } from '../../lake/lake.ts'
import type { TableMetadata } from '../../tables/change.ts'

/** Bytes (Glue API reference: "TableInput", Description; the keys and values of parameters). */
const LONGEST = { description: 2048, parameterKey: 255, parameterValue: 512_000 }

/**
 * The record that a Delta table should have, without the stamp of its version. It is what Athena's own DDL writes, so that
 * Athena, Spark, Databricks and Trino all read it. docs/reactions/catalog.md has every field with its reason.
 *
 * @throws {Refused} when Glue cannot hold one of the columns, as `columnsOf` does.
 */
export function definitionOf(table: CatalogTable, metadata: TableMetadata): TableInput {
  const location = `${locationUri(table.location)}/`
  return {
    Name: table.catalog.table,
    ...(metadata.description ? { Description: glueDescription(metadata.description) } : {}),
    TableType: 'EXTERNAL_TABLE',
    Parameters: parametersOf(metadata),
    // Partition columns are ordinary columns here: docs/adr/0003-partition-columns-are-plain-columns.md.
    PartitionKeys: [],
    StorageDescriptor: {
      Columns: columnsOf(metadata.schema),
      Location: location,
      InputFormat: 'org.apache.hadoop.mapred.SequenceFileInputFormat',
      OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat',
      SerdeInfo: {
        SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
        Parameters: { path: location, 'serialization.format': '1' },
      },
    },
  }
}

/**
 * The metadata from which Landfall wrote this record: enough to make the record again without reading the log. `undefined`
 * when it is not all there. Partition columns are not in it, and not needed.
 */
export function metadataIn(found: TableInput): TableMetadata | undefined {
  const parameters = found.Parameters ?? {}
  const id = parameters[TABLE_ID]
  const schema = schemaIn(parameters)
  if (id === undefined || schema === undefined) return undefined
  const owned = ownedKeys(found).filter((key) => Object.hasOwn(parameters, key))
  return {
    id,
    schema,
    partitionColumns: [],
    properties: Object.fromEntries(owned.filter((key) => key !== 'comment').map((key) => [key, parameters[key] ?? ''])),
    description: owned.includes('comment') ? parameters['comment'] : undefined,
  }
}

function parametersOf(metadata: TableMetadata): Parameters {
  const properties = Object.entries(metadata.properties).filter(([key, value]) => isProperty(key, value))
  const description = metadata.description
    ? truncateUtf8(metadata.description.toWellFormed(), LONGEST.parameterValue)
    : undefined
  const followed = [...properties, ...(description === undefined ? [] : [['comment', description] as const])]
  return {
    ...Object.fromEntries(followed),
    EXTERNAL: 'TRUE',
    table_type: 'delta',
    'spark.sql.sources.provider': 'delta',
    'spark.sql.partitionProvider': 'catalog',
    ...schemaParameters(metadata.schema),
    [TABLE_ID]: metadata.id,
    ...ownedParameter(followed.map(([key]) => key)),
  }
}

/** Whether a table property becomes a parameter: not if it would mean something else there, or Glue cannot hold it. */
function isProperty(key: string, value: string): boolean {
  const { version, committed } = DELTA_STAMP
  const reserved = ['EXTERNAL', 'table_type', 'comment', 'path', version, committed].includes(key)
  const prefixed = key.startsWith('spark.sql.') || key.startsWith('landfall.')
  const fits = key !== '' && truncateUtf8(key, LONGEST.parameterKey) === key && value.length <= LONGEST.parameterValue
  return !reserved && !prefixed && fits && singleLine(key) === key && value.isWellFormed()
}

function glueDescription(description: string): string {
  return truncateUtf8(multiLine(description), LONGEST.description)
}
