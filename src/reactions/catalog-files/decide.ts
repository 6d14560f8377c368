import { Refused } from '../../core/refused.ts'
import { type FileFormat, locationUri, type Table } from '../../lake/lake.ts'
import type { Partition } from '../../tables/landing/partition.ts'
import type { Decision, Observation, RefusedPart } from '../../core/reaction.ts'
import { describe, withoutSlash } from '../catalog/decide.ts'
import {
  DELETED_A_CALL,
  type GlueLookup,
  type FoundPartition,
  type PartitionInput,
  type PartitionValues,
  PARTITIONS_A_CALL,
  type TableInput,
} from '../../glue/ports.ts'
import { fingerprint, same, stampOf, stamped, TABLE_ID } from '../catalog/record.ts'
import type { TableAction } from '../catalog/decide.ts'
import { drift, type Drifted, grouped, type Sampled } from './drift.ts'
import {
  fileDefinition,
  glueValues,
  knownSchema,
  mergedFiles,
  PARTITION_RECORD,
  partitionInput,
  type Rescued,
  rescuedIn,
  STAMP,
} from './record.ts'

export interface FilesObserved extends Observation {
  readonly table: Table
  readonly found: GlueLookup
  /** Files that were read, of those that are new. */
  readonly samples: readonly Sampled[]
  /** Files that could not be read, and files that lie in folders of no partition. */
  readonly refused: readonly RefusedPart[]
  /** The partitions of the new files or, when `whole`, of all live files. */
  readonly partitions: readonly Partition[]
  readonly whole: boolean
  /** Partitions that lost their last file; of a change that is not `whole`. */
  readonly emptied: readonly Partition[]
  /** What Glue has; absent where nothing depends on it. */
  readonly registered?: readonly FoundPartition[]
}

export type PartitionAction =
  | {
      readonly kind: 'create-partitions' | 'update-partitions'
      readonly database: string
      readonly table: string
      readonly partitions: readonly PartitionInput[]
    }
  | {
      readonly kind: 'delete-partitions'
      readonly database: string
      readonly table: string
      readonly partitions: readonly PartitionValues[]
    }

export type FilesAction = TableAction | PartitionAction

/**
 * What is still to be done so that the catalog says of a table of files what its log and its files say: the record, and one
 * partition for each folder with files. The record is written last: it says how its partitions are, and whoever crashes
 * before begins again.
 *
 * @throws {Refused} when no file says what the columns are, Glue cannot hold them, or another table has the name.
 */
export function decideFiles(observed: FilesObserved): Decision<FilesAction> {
  const { table, found, version, committed } = observed
  const database = table.catalog?.database ?? ''
  if (found.kind === 'table') refuseAnothers(found.definition, table, database)
  const record = recordOf(observed)
  if (record === undefined) return { actions: [], refused: observed.refused }
  const { wanted, refused } = record
  const state = fingerprint(wanted)
  const told = grouped([...observed.refused, ...refused])
  const partitions = partitionActions(observed, wanted, database)
  if (found.kind !== 'table') {
    const definition = stamped(wanted, version, committed, STAMP)
    const create: FilesAction[] = [{ kind: 'create-table', database, definition }]
    if (found.kind === 'no-database') create.unshift({ kind: 'create-database', database })
    return { actions: [...create, ...partitions], state, refused: told }
  }
  if (isOvertaken(observed)) return { actions: partitions, refused: told }
  const next = mergedFiles(found.definition, wanted)
  const isUpToDate = stampOf(found.definition, STAMP) !== undefined && same(found.definition, next)
  const update: FilesAction = {
    kind: 'update-table',
    database,
    definition: stamped(next, version, committed, STAMP),
    versionId: found.versionId,
  }
  return { actions: isUpToDate ? partitions : [...partitions, update], state, refused: told }
}

/** The record that the table should have; `undefined`: it has no files, and never had a record. */
export function recordOf(
  observed: Pick<FilesObserved, 'table' | 'found' | 'samples' | 'refused' | 'version'>,
): { readonly wanted: TableInput; readonly refused: readonly RefusedPart[] } | undefined {
  const { table, found, samples, refused, version } = observed
  const known = found.kind === 'table' ? knownSchema(table, found.definition) : undefined
  const drifted = drift(known, samples, table.catalog?.drift ?? 'evolve', table.format as FileFormat)
  if (drifted.schema === undefined) {
    if (refused.length === 0) return undefined
    throw nothingReadable(table, refused)
  }
  const rescued = found.kind === 'table' ? rescuedSoFar(found.definition, drifted, version) : undefined
  return { wanted: fileDefinition(table, drifted.schema, rescued), refused: drifted.refused }
}

/** Keys that are made of data come without end. */
const RESCUED_COLUMNS = 100

/** A record of this version has these files counted already. */
function rescuedSoFar(found: TableInput, { rescued, rescuedFiles }: Drifted, version: number): Rescued {
  const before = rescuedIn(found)
  if ((stampOf(found, STAMP)?.version ?? -1) >= version) return before
  const columns = Object.entries({ ...before.columns, ...rescued }).slice(0, RESCUED_COLUMNS)
  return { columns: Object.fromEntries(columns), files: before.files + rescuedFiles }
}

function nothingReadable(table: Table, refused: readonly RefusedPart[]): Refused {
  const reasons = refused.map(({ sample, reason }) => `${sample}: ${reason}`)
  return new Refused('files-unreadable', `No file of ${table.name} says what its columns are: ${reasons.join('; ')}`, {
    subject: refused[0]?.sample ?? '',
    expected: `a ${table.format} file at ${locationUri(table.location)}/`,
    found: reasons[0] ?? '',
    advice: 'Write a sound file, or declare the format that the files have in lake.yml.',
  })
}

function partitionActions(observed: FilesObserved, wanted: TableInput, database: string): PartitionAction[] {
  const { table, found, partitions, emptied, registered, whole } = observed
  if (!registersPartitions(table)) return []
  const name = table.catalog?.table ?? ''
  const to = { database, table: name }
  const wantedInputs = partitions.map((each) => partitionInput(table, each, wanted))
  if (found.kind !== 'table') return batches('create-partitions', to, wantedInputs)
  const gone = emptied.map(({ values }) => glueValues(values))
  if (registered === undefined) {
    return [...batches('create-partitions', to, wantedInputs), ...deletions(to, gone)]
  }
  const there = new Map(registered.map((each) => [JSON.stringify(each.values), each]))
  const live = new Map(wantedInputs.map((each) => [JSON.stringify(each.Values), each]))
  const overtaken = isOvertaken(observed)
  const lost = whole ? registered.filter(({ values }) => !live.has(JSON.stringify(values))) : []
  const removed = whole ? (overtaken ? [] : lost.map(({ values }) => values)) : gone
  const kept = new Set(removed.map((values) => JSON.stringify(values)))
  const stale = registered.filter((each) => !kept.has(JSON.stringify(each.values)))
  return [
    ...batches(
      'create-partitions',
      to,
      wantedInputs.filter((each) => !there.has(JSON.stringify(each.Values))),
    ),
    ...batches('update-partitions', to, overtaken ? [] : updates(stale, live, wanted)),
    ...deletions(to, removed),
  ]
}

/** Those that are not as the record has them now, or not where their files are. */
function updates(
  registered: readonly FoundPartition[],
  live: ReadonlyMap<string, PartitionInput>,
  wanted: TableInput,
): PartitionInput[] {
  const record = wanted.Parameters?.[PARTITION_RECORD]
  return registered.flatMap(({ values, location, parameters }) => {
    const here = live.get(JSON.stringify(values))?.StorageDescriptor.Location ?? location
    if (parameters[PARTITION_RECORD] === record && here === location) return []
    return [
      {
        Values: values,
        StorageDescriptor: { ...wanted.StorageDescriptor, Location: here },
        Parameters: { ...parameters, [PARTITION_RECORD]: record ?? '' },
      },
    ]
  })
}

/** Whether the table's partitions are kept in Glue: not where engines compute them. */
export function registersPartitions(table: Table): boolean {
  return table.partitions.length > 0 && table.catalog?.projection === undefined
}

interface To {
  readonly database: string
  readonly table: string
}

function batches(
  kind: 'create-partitions' | 'update-partitions',
  to: To,
  partitions: readonly PartitionInput[],
): PartitionAction[] {
  return chunks(partitions, PARTITIONS_A_CALL).map((some) => ({ kind, ...to, partitions: some }))
}

function deletions(to: To, partitions: readonly PartitionValues[]): PartitionAction[] {
  return chunks(partitions, DELETED_A_CALL).map((some) => ({ kind: 'delete-partitions', ...to, partitions: some }))
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}

/** Whether the record is of a later version than was observed: somebody was faster, and knows better. */
function isOvertaken({ table, found, version }: FilesObserved): boolean {
  if (found.kind !== 'table') return false
  const stamp = stampOf(found.definition, STAMP)
  return stamp !== undefined && stamp.id === `${locationUri(table.location)}/` && stamp.version > version
}

/**
 * A record is Landfall's to change when Landfall wrote it of this place, or when it is of files of this format at this very
 * place. One that Landfall wrote of another place may be another lake's or stage's, which would write it back.
 */
function refuseAnothers(found: TableInput, table: Table, database: string): void {
  const { [TABLE_ID]: ours, classification = table.format, table_type: type } = found.Parameters ?? {}
  const isHere = withoutSlash(found.StorageDescriptor?.Location ?? '') === locationUri(table.location)
  if (ours !== undefined && (isHere || ours === `${locationUri(table.location)}/`)) return
  if (isHere && classification === table.format && type === undefined && found.TableType !== 'VIRTUAL_VIEW') return
  const name = `${database}.${found.Name}`
  throw new Refused(
    'name-taken',
    `${name} in the Glue catalog is not the table ${table.name} of ${table.format} files: ${describe(found)}.`,
    {
      subject: name,
      expected: `no table, or one of ${table.format} files at ${locationUri(table.location)}/`,
      found: describe(found),
      advice: `Give ${table.name} another catalog.database or catalog.table in lake.yml, or drop ${name} from the Glue catalog.`,
    },
  )
}
