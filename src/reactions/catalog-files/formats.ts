import type { Parameters, SerdeInfo } from '../../glue/ports.ts'
import type { FileFormat } from '../../lake/lake.ts'
import type { CsvDialect, FileSchema } from './infer/schema.ts'

interface Format {
  readonly input: string
  readonly output: string
  readonly serde: (schema: FileSchema) => SerdeInfo
  readonly parameters?: (csv: CsvDialect) => Parameters
}

const HIVE = 'org.apache.hadoop.hive'
const TEXT = {
  input: 'org.apache.hadoop.mapred.TextInputFormat',
  output: `${HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat`,
}

/** What Athena's DDL and a Glue crawler write for each format (Athena user guide, "Supported SerDes"). */
export const FORMATS: Readonly<Record<FileFormat, Format>> = {
  parquet: {
    input: `${HIVE}.ql.io.parquet.MapredParquetInputFormat`,
    output: `${HIVE}.ql.io.parquet.MapredParquetOutputFormat`,
    serde: () => ({
      SerializationLibrary: `${HIVE}.ql.io.parquet.serde.ParquetHiveSerDe`,
      Parameters: { 'serialization.format': '1' },
    }),
  },
  json: {
    ...TEXT,
    serde: () => ({
      SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe',
      Parameters: { 'serialization.format': '1' },
    }),
  },
  csv: {
    ...TEXT,
    serde: ({ csv }) => csvSerde(csv ?? { delimiter: ',', quoted: true }),
    parameters: ({ delimiter, quoted }) => ({
      'skip.header.line.count': '1',
      delimiter,
      columnsOrdered: 'true',
      areColumnsQuoted: `${quoted}`,
    }),
  },
  avro: {
    input: `${HIVE}.ql.io.avro.AvroContainerInputFormat`,
    output: `${HIVE}.ql.io.avro.AvroContainerOutputFormat`,
    serde: ({ avro = '' }) => ({
      SerializationLibrary: `${HIVE}.serde2.avro.AvroSerDe`,
      Parameters: { 'serialization.format': '1', 'avro.schema.literal': avro },
    }),
  },
}

/** LazySimpleSerDe has types but no quotes. OpenCSVSerde has quotes but no types: it fails on an empty number. */
function csvSerde({ delimiter, quoted }: CsvDialect): SerdeInfo {
  return quoted
    ? {
        SerializationLibrary: `${HIVE}.serde2.OpenCSVSerde`,
        Parameters: { separatorChar: delimiter, quoteChar: '"', escapeChar: '\\', 'serialization.format': '1' },
      }
    : {
        SerializationLibrary: `${HIVE}.serde2.lazy.LazySimpleSerDe`,
        Parameters: { 'field.delim': delimiter, 'serialization.format': delimiter },
      }
}
