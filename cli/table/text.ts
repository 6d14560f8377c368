/** A Delta table as text that fits a terminal. */
import type { DataType, StructField } from '../../src/tables/schema.ts'
import type { LiveFile, TableDocument } from './document.ts'
import { count, counted, shorten, size } from '../text.ts'

/** Lines of at most `width` columns. */
export function describeTable(document: TableDocument, location: string, width: number): string[] {
  const { schema, properties, liveFiles } = document
  const lines = [
    ...facts(document, location),
    ...(schema === null ? [] : ['', 'columns', ...columns(schema.fields, document.partitionColumns ?? [])]),
    ...(properties === null || Object.keys(properties).length === 0
      ? []
      : ['', 'properties', ...pairs(Object.entries(properties))]),
    ...(liveFiles === undefined ? [] : ['', 'live files', ...Array.from(liveFiles, fileLine)]),
  ]
  return lines.map((line) => shorten(line, width))
}

function facts(document: TableDocument, location: string): string[] {
  const { version, timestamp, protocol, features, files, bytes, rows, deletedRows, unsupported } = document
  const known: [string, string][] = [['location', location]]
  if (version !== null)
    known.push([
      'version',
      String(version) + (timestamp === null ? '' : `, committed ${new Date(timestamp).toISOString()}`),
    ])
  if (protocol !== null)
    known.push(['protocol', `reader ${protocol.minReaderVersion}, writer ${protocol.minWriterVersion}`])
  if (features !== null) known.push(['features', features.length === 0 ? 'none' : features.join(', ')])
  if (files !== null)
    known.push(
      ['files', `${count(files)}, ${size(bytes ?? 0)}`],
      ['rows', rows === null ? 'unknown: statistics are missing' : count(rows)],
    )
  if (deletedRows !== null && deletedRows > 0)
    known.push(['deleted', `${counted(deletedRows, 'row')}, by deletion vectors`])
  if (unsupported.length > 0) known.push(['refused', unsupported.join(', ')])
  return known.map(([name, value]) => name.padEnd(10) + value)
}

function columns(fields: readonly StructField[], partitionColumns: readonly string[]): string[] {
  const named = fields.map((field): [string, string] => {
    const notes = [
      ...(partitionColumns.includes(field.name) ? [`partition ${partitionColumns.indexOf(field.name) + 1}`] : []),
      ...(field.nullable ? [] : ['not null']),
      ...(typeof field.metadata?.['comment'] === 'string' ? [field.metadata['comment']] : []),
    ]
    return [field.name, typeName(field.type) + (notes.length === 0 ? '' : `  (${notes.join(', ')})`)]
  })
  return pairs(named)
}

function typeName(type: DataType): string {
  if (typeof type === 'string') return type
  if (type.type === 'array') return `array<${typeName(type.elementType)}>`
  if (type.type === 'map') return `map<${typeName(type.keyType)}, ${typeName(type.valueType)}>`
  return `struct<${type.fields.map((field) => `${field.name}: ${typeName(field.type)}`).join(', ')}>`
}

function pairs(entries: readonly (readonly [string, string])[]): string[] {
  const longest = Math.min(40, Math.max(0, ...entries.map(([name]) => name.length)))
  return entries.map(([name, value]) => `  ${name.padEnd(longest)}  ${value}`)
}

function fileLine(file: LiveFile): string {
  const rows = file.rows === null ? '? rows' : counted(file.rows, 'row')
  const deleted = file.deletedRows === 0 ? '' : `, ${count(file.deletedRows)} of them deleted`
  return `  ${file.path}  ${size(file.size)}, ${rows}${deleted}`
}
