/** Files of a log that help, but that nothing depends on: `_last_checkpoint`, and the checksum of a version. */
import { isObject, type Json } from './actions.ts'
import { parseJson } from '../../core/json.ts'
import { ObjectTooLarge, type StoredObject, type TableStore } from '../store.ts'

/** Bytes. A checksum may list the files of a table. */
const LARGEST = 16 * 1024 * 1024

/** Its JSON object; `undefined` where it is missing, too large or does not parse. Other failures of the store are thrown. */
export async function readHintFile(store: TableStore, key: string): Promise<Json | undefined> {
  const object = await unlessTooLarge(store.get(key, LARGEST))
  if (object === undefined) return undefined
  try {
    const parsed = parseJson(new TextDecoder().decode(object.bytes))
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

async function unlessTooLarge(found: Promise<StoredObject | undefined>): Promise<StoredObject | undefined> {
  try {
    return await found
  } catch (error) {
    if (error instanceof ObjectTooLarge) return undefined
    throw error
  }
}
