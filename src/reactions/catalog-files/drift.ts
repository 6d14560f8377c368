import type { Drift, FileFormat } from '../../lake/lake.ts'
import type { DataType, StructField } from '../../tables/schema.ts'
import type { RefusedPart } from '../../core/reaction.ts'
import { schemaJson } from '../../glue/schema-json.ts'
import { hiveType } from '../../glue/types.ts'
import { mergedAvro } from './infer/avro.ts'
import type { FileSchema } from './infer/schema.ts'
import { field, isReadable, joinFields } from './lattice.ts'

/** A file that was read, and what it says of its columns. */
export interface Sampled {
  readonly path: string
  readonly schema: FileSchema
}

/** What a table's columns become, by the files that were read and the rule that lake.yml declares. */
export interface Drifted {
  /** `undefined`: no file says any columns, and none are known. */
  readonly schema: FileSchema | undefined
  readonly refused: readonly RefusedPart[]
  /** What `rescue` noted, by column. */
  readonly rescued: Readonly<Record<string, string>>
  /** How many files it noted something of. */
  readonly rescuedFiles: number
}

/** How a file's columns are not the table's: the first such column, or the file as a whole. */
interface Misfit {
  readonly column: string
  readonly expected: string
  readonly found: string
}

/**
 * The first schema comes from all files that were read, whatever the rule; after that the rule decides. A file that no
 * rule could take (a type that the format's readers do not widen, CSV columns in another order) is refused, and the columns
 * stay as they are.
 */
export function drift(
  known: FileSchema | undefined,
  samples: readonly Sampled[],
  rule: Drift,
  format: FileFormat,
): Drifted {
  const effective = known === undefined ? 'evolve' : rule
  let schema = known
  const refused: RefusedPart[] = []
  const rescued: Record<string, string> = {}
  let rescuedFiles = 0
  for (const { path, schema: file } of samples) {
    const next = schema === undefined ? file : joined(schema, file)
    const misfits = schema === undefined ? [] : misfitsOf(schema, file, next, effective, format)
    const [first] = misfits
    if (first === undefined) schema = effective === 'evolve' ? withAvro(next, schema, file) : schema
    else if (effective === 'rescue') {
      rescuedFiles++
      for (const { column, expected, found } of misfits) rescued[column] = noted(expected, found)
    } else refused.push(refusal(path, first))
  }
  return { schema, refused: grouped(refused), rescued, rescuedFiles }
}

/** The columns of both; the dialect that reads both. */
function joined(a: FileSchema, b: FileSchema): FileSchema {
  const quoted = (a.csv?.quoted ?? false) || (b.csv?.quoted ?? false)
  const fields = joinFields(a.fields, b.fields)
  return {
    ...a,
    fields: quoted ? fields.map((each) => ({ ...each, type: 'string' })) : fields,
    ...(a.csv === undefined ? {} : { csv: { ...a.csv, quoted } }),
  }
}

/** The Avro schema that has the columns of both, each as the one spells it that has it at its widest. */
function withAvro(next: FileSchema, before: FileSchema | undefined, file: FileSchema): FileSchema {
  if (file.avro === undefined) return next
  if (before?.avro === undefined) return { ...next, avro: file.avro }
  const wide = new Map(next.fields.map((each) => [each.name.toLowerCase(), json([each])]))
  const isWide = (each: StructField): boolean => json([each]) === wide.get(each.name.toLowerCase())
  const kept = new Set(before.fields.filter(isWide).map(({ name }) => name.toLowerCase()))
  const widened = file.fields
    .filter(isWide)
    .map(({ name }) => name.toLowerCase())
    .filter((name) => !kept.has(name))
  return { ...next, avro: mergedAvro(before.avro, file.avro, new Set(widened)) }
}

function json(fields: readonly StructField[]): string {
  return schemaJson({ type: 'struct', fields }).toLowerCase()
}

function misfitsOf(known: FileSchema, file: FileSchema, next: FileSchema, rule: Drift, format: FileFormat): Misfit[] {
  const layout = layoutMisfit(known, file, rule)
  if (layout !== undefined) return [layout]
  const there = new Map(known.fields.map((each) => [each.name.toLowerCase(), each.type]))
  const widened = new Map(next.fields.map((each) => [each.name.toLowerCase(), each.type]))
  return file.fields.flatMap(({ name, type }) => {
    const [before, after] = [there.get(name.toLowerCase()), widened.get(name.toLowerCase()) ?? type]
    if (before === undefined) {
      return rule === 'evolve' ? [] : [{ column: name, expected: 'no such column', found: shown(type) }]
    }
    const reads = isReadable(format, type, after) && isReadable(format, before, after)
    const isUpToDate = json([field(name, before)]) === json([field(name, after)])
    return reads && (rule === 'evolve' || isUpToDate)
      ? []
      : [{ column: name, expected: shown(before), found: shown(type) }]
  })
}

/** CSV is read by place: the columns of one are the first ones of the other, and both have the same delimiter. */
function layoutMisfit(known: FileSchema, file: FileSchema, rule: Drift): Misfit | undefined {
  if (known.csv === undefined || file.csv === undefined) return undefined
  if (known.csv.delimiter !== file.csv.delimiter) {
    const [expected, found] = [known.csv.delimiter, file.csv.delimiter].map((each) => JSON.stringify(each))
    return { column: 'the delimiter', expected: expected ?? '', found: found ?? '' }
  }
  const at = file.fields.findIndex(({ name }, place) => {
    const other = known.fields[place]
    return other !== undefined && other.name.toLowerCase() !== name.toLowerCase()
  })
  const [mine, theirs] = [known.fields[at], file.fields[at]]
  if (mine !== undefined && theirs !== undefined) {
    return { column: `column ${at + 1}`, expected: mine.name, found: theirs.name }
  }
  const newlyQuoted = file.csv.quoted && !known.csv.quoted && rule !== 'evolve'
  return newlyQuoted ? { column: 'the values', expected: 'no quotes', found: 'quotes' } : undefined
}

function shown(type: DataType): string {
  return hiveType(field('c', type))
}

function noted(expected: string, found: string): string {
  return expected === 'no such column' ? found : `${found} (here ${expected})`
}

function refusal(path: string, { column, expected, found }: Misfit): RefusedPart {
  return {
    code: 'schema-drift',
    reason: `its columns are not the table's: ${column}: expected ${expected}, found ${found}`,
    advice: 'Write the file with the table’s columns, or choose another catalog.drift in lake.yml.',
    sample: path,
    count: 1,
  }
}

/** Equal faults as one, with how many have it. */
export function grouped(parts: readonly RefusedPart[]): RefusedPart[] {
  const byReason = new Map<string, RefusedPart>()
  for (const part of parts) {
    const key = `${part.code} ${part.reason}`
    const other = byReason.get(key)
    byReason.set(key, other === undefined ? part : { ...other, count: other.count + part.count })
  }
  return [...byReason.values()]
}
