import type { EpochMs } from '../core/time.ts'
import type { TableInput } from './ports.ts'

/** Which table Landfall wrote a record of: a Delta table's id, or the location of a table of files. */
export const TABLE_ID = 'landfall.tableId'

/** The parameters in which a record says from which version of the table's log it was made. */
export interface StampKeys {
  readonly version: string
  readonly committed: string
}

/** As Delta's own writers stamp a record: with the last version whose commit changed it. */
export const DELTA_STAMP: StampKeys = { version: 'delta.lastUpdateVersion', committed: 'delta.lastCommitTimestamp' }

export interface Stamp {
  readonly id: string | undefined
  readonly version: number
  readonly committed: EpochMs
}

export function stamped(definition: TableInput, version: number, committed: EpochMs, keys: StampKeys): TableInput {
  const Parameters = { ...definition.Parameters, [keys.version]: `${version}`, [keys.committed]: `${committed}` }
  return { ...definition, Parameters }
}

/** `undefined`: not written by Landfall or a Delta writer, or edited by hand. */
export function stampOf({ Parameters: parameters = {} }: TableInput, keys: StampKeys): Stamp | undefined {
  const [version, committed] = [parameters[keys.version], parameters[keys.committed]]
  return isWhole(version) && isWhole(committed)
    ? { id: parameters[TABLE_ID], version: Number(version), committed: Number(committed) }
    : undefined
}

function isWhole(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,16}$/.test(text)
}
