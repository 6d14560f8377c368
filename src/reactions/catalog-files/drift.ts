import { Refused } from '../../core/refused.ts'
import type { FileFormat } from '../../lake/lake.ts'
import type { Drift } from '../../glue/settings.ts'
import type { DataType, StructField } from '../../tables/schema.ts'
import type { RefusedPart } from '../../core/reaction.ts'
import { schemaJson } from '../../glue/schema-json.ts'
import { hiveTypeText } from '../../glue/types.ts'
import { mergedAvro } from './infer/avro.ts'
import type { FileSchema } from './infer/schema.ts'
import { field, isReadable, joinFields } from './lattice.ts'

/** A file that was read, with its columns. */
export interface Sampled {
  readonly path: string
  readonly schema: FileSchema
}

/** A table's columns after the files that were read, by the drift rule in lake.yml. */
export interface Drifted {
  /** `undefined`: no columns are known, and no file has any. */
  readonly schema: FileSchema | undefined
  readonly refused: readonly RefusedPart[]
  /** What `rescue` noted, by column. */
  readonly rescued: Readonly<Record<string, string>>
  /** How many files had something to note. */
  readonly rescuedFiles: number
  /** Why the catalog cannot hold the columns of a file: the first one. */
  readonly fault?: Refused
}

/** A difference between a file's columns and the table's. */
interface Mismatch {
  readonly column: string
  /** For the operator. */
  readonly reason: string
  /** What `rescue` notes of the column. */
  readonly note: string
}

/**
 * The first schema is that of all files that were read, whatever the rule. After that the rule decides: a file that does not
 * fit is refused or noted, and the columns stay as they are. Even `evolve` refuses a type that the format's readers do not
 * widen, CSV columns in another order, and columns that the catalog cannot hold.
 *
 * @param check throws {@link Refused} for columns that the catalog cannot hold: one such file would block all others
 */
export function drift(
  known: FileSchema | undefined,
  samples: readonly Sampled[],
  rule: Drift,
  format: FileFormat,
  check: (schema: FileSchema) => unknown,
): Drifted {
  const effective = known === undefined ? 'evolve' : rule
  let schema = known
  const refused: RefusedPart[] = []
  const rescued: Record<string, string> = {}
  let rescuedFiles = 0
  let firstFault: Refused | undefined
  for (const { path, schema: file } of samples) {
    const next = schema === undefined ? file : joined(schema, file)
    const mismatches = schema === undefined ? [] : mismatchesOf(schema, file, next, effective, format)
    const [first] = mismatches
    if (first === undefined) {
      if (effective !== 'evolve') continue
      const evolved = withAvro(next, schema, file)
      const fault = faultOf(evolved, check)
      firstFault ??= fault
      if (fault === undefined) schema = evolved
      else refused.push(unfit(path, fault))
    } else if (effective === 'rescue') {
      rescuedFiles++
      for (const { column, note } of mismatches) rescued[column.slice(0, NOTED)] = note
    } else refused.push(refusal(path, first))
  }
  return { schema, refused: grouped(refused), rescued, rescuedFiles, fault: firstFault }
}

function faultOf(schema: FileSchema, check: (schema: FileSchema) => unknown): Refused | undefined {
  try {
    check(schema)
    return undefined
  } catch (error) {
    if (error instanceof Refused) return error
    throw error
  }
}

/** The columns of both, and the CSV dialect that reads both. */
function joined(a: FileSchema, b: FileSchema): FileSchema {
  const quoted = (a.csv?.quoted ?? false) || (b.csv?.quoted ?? false)
  const fields = joinFields(a.fields, b.fields)
  return {
    ...a,
    fields: quoted ? fields.map((each) => ({ ...each, type: 'string' })) : fields,
    csv: a.csv && { ...a.csv, quoted },
  }
}

/** The Avro schema with the columns of both, each from the schema that has its widest type. */
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

function mismatchesOf(
  known: FileSchema,
  file: FileSchema,
  next: FileSchema,
  rule: Drift,
  format: FileFormat,
): Mismatch[] {
  const layout = layoutMismatch(known, file, rule)
  if (layout !== undefined) return [layout]
  const there = new Map(known.fields.map((each) => [each.name.toLowerCase(), each.type]))
  const widened = new Map(next.fields.map((each) => [each.name.toLowerCase(), each.type]))
  return file.fields.flatMap(({ name, type }) => {
    const [before, after] = [there.get(name.toLowerCase()), widened.get(name.toLowerCase()) ?? type]
    if (before === undefined) {
      const reason = `column \`${name}\` (${shown(type)}) is new`
      return rule === 'evolve' ? [] : [{ column: name, reason, note: shown(type) }]
    }
    const reads = isReadable(format, type, after) && isReadable(format, before, after)
    const isUpToDate = json([field(name, before)]) === json([field(name, after)])
    return reads && (rule === 'evolve' || isUpToDate)
      ? []
      : [mismatch(name, `column \`${name}\``, shown(type), shown(before))]
  })
}

/** CSV is read by position: the columns of one are the first ones of the other, and both have the same delimiter. */
function layoutMismatch(known: FileSchema, file: FileSchema, rule: Drift): Mismatch | undefined {
  if (known.csv === undefined || file.csv === undefined) return undefined
  if (known.csv.delimiter !== file.csv.delimiter) {
    const [found, expected] = [JSON.stringify(file.csv.delimiter), JSON.stringify(known.csv.delimiter)]
    return mismatch('the delimiter', 'the delimiter', found, expected)
  }
  const at = file.fields.findIndex(({ name }, place) => {
    const other = known.fields[place]
    return other !== undefined && other.name.toLowerCase() !== name.toLowerCase()
  })
  const [expected, found] = [known.fields[at]?.name, file.fields[at]?.name]
  if (expected !== undefined && found !== undefined) {
    const { note } = mismatch('', '', found, expected)
    const position = `column ${at + 1}`
    return { column: position, reason: `${position} is \`${found}\`, expected \`${expected}\``, note }
  }
  const newlyQuoted = file.csv.quoted && !known.csv.quoted && rule !== 'evolve'
  if (!newlyQuoted) return undefined
  return { column: 'the values', reason: 'values are quoted, expected no quotes', note: 'quotes (here no quotes)' }
}

function mismatch(column: string, subject: string, found: string, expected: string): Mismatch {
  return { column, reason: `${subject} is ${found}, expected ${expected}`, note: `${found} (here ${expected})` }
}

/** Characters of a name or type in a note: a file may have any, and the notes have to fit into the catalog. */
const NOTED = 255

/** Never refused, unlike a type that goes into the catalog. */
function shown(type: DataType): string {
  const text = hiveTypeText(type)
  return text.length <= NOTED ? text : `${text.slice(0, NOTED)}…`
}

function unfit(path: string, { code, message }: Refused): RefusedPart {
  const advice = 'Replace or remove the file; the other files are processed without it.'
  return { code, reason: message, advice, sample: path, count: 1 }
}

function refusal(path: string, { reason }: Mismatch): RefusedPart {
  return {
    code: 'schema-drift',
    reason: `schema mismatch: ${reason}`,
    advice: 'Write the file with the columns of the table, or choose another catalog.drift in lake.yml.',
    sample: path,
    count: 1,
  }
}

/** Merges equal faults, and counts them. */
export function grouped(parts: readonly RefusedPart[]): RefusedPart[] {
  const byReason = new Map<string, RefusedPart>()
  for (const part of parts) {
    const key = `${part.code} ${part.reason}`
    const other = byReason.get(key)
    byReason.set(key, other === undefined ? part : { ...other, count: other.count + part.count })
  }
  return [...byReason.values()]
}
