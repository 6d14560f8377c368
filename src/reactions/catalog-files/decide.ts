import type { CatalogTable } from '../../glue/settings.ts'
import { Refused } from '../../core/refused.ts'
import type { Decision, Observation, RefusedPart } from '../../core/reaction.ts'
import type { CatalogAction, PartitionAction } from '../../glue/actions.ts'
import { fingerprint, same } from '../../glue/merge.ts'
import { isAt, nameTaken } from '../../glue/name-taken.ts'
import {
  DELETED_A_CALL,
  type GlueLookup,
  type FoundPartition,
  type PartitionInput,
  type PartitionValues,
  PARTITIONS_A_CALL,
  type TableInput,
} from '../../glue/ports.ts'
import { stamped, stampOf, TABLE_ID } from '../../glue/stamp.ts'
import { type FileFormat, locationUri } from '../../lake/lake.ts'
import type { Partition } from '../../tables/landing/partition.ts'
import type { FileSchema } from './infer/schema.ts'
import { drift, type Drifted, grouped, type Sampled } from './drift.ts'
import {
  definitionOf,
  glueValues,
  knownSchema,
  mergedRecord,
  PARTITION_RECORD,
  partitionInput,
  type Rescued,
  rescuedIn,
  STAMP,
} from './record.ts'

export interface ObservedFiles extends Observation {
  readonly table: CatalogTable
  readonly found: GlueLookup
  /** The new files that were read. */
  readonly samples: readonly Sampled[]
  /** Files that could not be read, and files that are in no partition's folder. */
  readonly refused: readonly RefusedPart[]
  /** The partitions of the new files or, when `whole`, of all live files. */
  readonly partitions: readonly Partition[]
  readonly whole: boolean
  /** Partitions that lost their last file. Empty when `whole`. */
  readonly emptied: readonly Partition[]
  /** The partitions in Glue; absent when they were not needed. */
  readonly registered?: readonly FoundPartition[]
}

/**
 * What is still to be done until the catalog agrees with a table's log and files: the record, and one partition for each
 * folder with files. An existing record is updated last, since it has the hash of its partitions: after a crash in
 * between, everything is done again.
 *
 * @throws {Refused} when no file has columns, Glue cannot hold them, or another table has the name.
 */
export function decide(observed: ObservedFiles): Decision<CatalogAction> {
  const { table, found, version, committed } = observed
  const database = table.catalog.database
  if (found.kind === 'table' && !isOurs(found.definition, table))
    throw nameTaken(found.definition, table, `table of ${table.format} files`)
  const record = recordOf(observed)
  if (record === undefined) return { actions: [], refused: observed.refused }
  const { wanted, refused } = record
  const state = fingerprint(wanted)
  const allRefused = grouped([...observed.refused, ...refused])
  const partitions = partitionActions(observed, wanted, database)
  if (found.kind !== 'table') {
    const definition = stamped(wanted, version, committed, STAMP)
    const create: CatalogAction[] = [{ kind: 'create-table', database, definition }]
    if (found.kind === 'no-database') create.unshift({ kind: 'create-database', database })
    return { actions: [...create, ...partitions], state, refused: allRefused }
  }
  if (isOvertaken(observed)) return { actions: partitions, refused: allRefused }
  const next = mergedRecord(found.definition, wanted)
  const isUpToDate = stampOf(found.definition, STAMP) !== undefined && same(found.definition, next)
  const update: CatalogAction = {
    kind: 'update-table',
    database,
    definition: stamped(next, version, committed, STAMP),
    versionId: found.versionId,
  }
  return { actions: isUpToDate ? partitions : [...partitions, update], state, refused: allRefused }
}

/** The record that the table should have; `undefined`: it has no files and no record. */
export function recordOf(
  observed: Pick<ObservedFiles, 'table' | 'found' | 'samples' | 'refused' | 'version'>,
): { readonly wanted: TableInput; readonly refused: readonly RefusedPart[] } | undefined {
  const { table, found, samples, refused, version } = observed
  const known = found.kind === 'table' ? knownSchema(table, found.definition) : undefined
  const check = (schema: FileSchema) => definitionOf(table, schema)
  const drifted = drift(known, samples, table.catalog.drift ?? 'evolve', table.format as FileFormat, check)
  if (drifted.schema === undefined) {
    if (drifted.fault !== undefined) throw drifted.fault
    if (refused.length === 0) return undefined
    throw nothingReadable(table, refused)
  }
  const rescued = found.kind === 'table' ? rescuedSoFar(found.definition, drifted, version) : undefined
  return { wanted: definitionOf(table, drifted.schema, rescued), refused: drifted.refused }
}

/** A limit, as files whose keys are data have new columns without end. */
const RESCUED_COLUMNS = 100

/** A record of this version has counted these files already. */
function rescuedSoFar(found: TableInput, { rescued, rescuedFiles }: Drifted, version: number): Rescued {
  const before = rescuedIn(found)
  if ((stampOf(found, STAMP)?.version ?? -1) >= version) return before
  const columns = Object.entries({ ...before.columns, ...rescued }).slice(0, RESCUED_COLUMNS)
  return { columns: Object.fromEntries(columns), files: before.files + rescuedFiles }
}

function nothingReadable(table: CatalogTable, refused: readonly RefusedPart[]): Refused {
  const reasons = refused.map(({ sample, reason }) => `${sample}: ${reason}`)
  return new Refused(
    'files-unreadable',
    `No file of ${table.name} could be read for its columns: ${reasons.join('; ')}`,
    {
      subject: refused[0]?.sample ?? '',
      expected: `a ${table.format} file at ${locationUri(table.location)}/`,
      found: reasons[0] ?? '',
      advice: 'Write a valid file, or declare the format of the files in lake.yml.',
    },
  )
}

function partitionActions(observed: ObservedFiles, wanted: TableInput, database: string): PartitionAction[] {
  const { table, found, partitions, emptied, registered, whole } = observed
  if (!registersPartitions(table)) return []
  const name = table.catalog.table
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
  const removedKeys = new Set(removed.map((values) => JSON.stringify(values)))
  const stale = registered.filter((each) => !removedKeys.has(JSON.stringify(each.values)))
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

/** Those with an outdated definition or location. */
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

/** Whether the table's partitions are registered in Glue: not with projection, which computes them. */
export function registersPartitions(table: CatalogTable): boolean {
  return table.partitions.length > 0 && table.catalog.projection === undefined
}

interface Target {
  readonly database: string
  readonly table: string
}

function batches(
  kind: 'create-partitions' | 'update-partitions',
  to: Target,
  partitions: readonly PartitionInput[],
): PartitionAction[] {
  return chunks(partitions, PARTITIONS_A_CALL).map((some) => ({ kind, ...to, partitions: some }))
}

function deletions(to: Target, partitions: readonly PartitionValues[]): PartitionAction[] {
  return chunks(partitions, DELETED_A_CALL).map((some) => ({ kind: 'delete-partitions', ...to, partitions: some }))
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}

/** Whether another worker has written the record of a later version than was observed. */
function isOvertaken({ table, found, version }: ObservedFiles): boolean {
  if (found.kind !== 'table') return false
  const stamp = stampOf(found.definition, STAMP)
  return stamp !== undefined && stamp.id === `${locationUri(table.location)}/` && stamp.version > version
}

/**
 * Landfall may change a record that it wrote of this location, and one of files of this format at exactly this location. A
 * record that Landfall wrote of another place may belong to another lake or stage, which would write it back.
 */
function isOurs(found: TableInput, table: CatalogTable): boolean {
  const { [TABLE_ID]: writtenFor, classification = table.format, table_type: type } = found.Parameters ?? {}
  const isHere = isAt(found, table.location)
  if (writtenFor !== undefined && (isHere || writtenFor === `${locationUri(table.location)}/`)) return true
  return isHere && classification === table.format && type === undefined && found.TableType !== 'VIRTUAL_VIEW'
}
