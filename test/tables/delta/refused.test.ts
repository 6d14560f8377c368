import { describe, expect, test } from '@jest/globals'
import { featuresInForce } from '../../../src/tables/delta/features.ts'
import { readSnapshot } from '../../../src/tables/delta/snapshot.ts'
import { readState } from '../../../src/tables/delta/state.ts'
import { checkpointed, five, refusal, upTo, without } from './given.ts'
import {
  type Action,
  add,
  classicKey,
  commitKey,
  features,
  lines,
  logOf,
  metaData,
  parquet,
  protocol,
  start,
} from './log-builder.ts'
import type { MemoryStore } from '../table-store.twin.ts'

const reader = (more: Action): MemoryStore => logOf([[protocol(more), metaData()]])

describe('refused, by name, never guessed:', () => {
  test.each<[string, () => MemoryStore, string, string[]]>([
    [
      'an unknown reader feature',
      () => logOf([[features(['deletionVectors', 'telepathy']), metaData()]]),
      'unknown-reader-feature',
      ['telepathy'],
    ],
    [
      'one that only a checkpoint has',
      () => checkpointed(parquet([features(['telepathy']), metaData()])),
      'unknown-reader-feature',
      ['telepathy'],
    ],
    [
      'an unknown reader version',
      () => reader({ minReaderVersion: 4, minWriterVersion: 8 }),
      'unknown-reader-version',
      ['reader version 4'],
    ],
    [
      'a catalog-managed table',
      () => logOf([[features(['catalogManaged']), metaData()]]),
      'catalog-managed-table',
      ['catalogManaged'],
    ],
    [
      'its preview',
      () => logOf([[features(['catalogOwned-preview']), metaData()]]),
      'catalog-managed-table',
      ['catalogOwned-preview'],
    ],
    [
      'reader version 3 without its list',
      () => reader({ minReaderVersion: 3, minWriterVersion: 7 }),
      'broken-action',
      [commitKey(0)],
    ],
    ['a gap', () => without(logOf(five), 2), 'version-gap', ['version gap 2']],
    ['a longer gap', () => without(logOf(five), 1, 2), 'version-gap', ['version gap 1..2']],
    ['a log without its beginning', () => without(logOf(five), 0, 1), 'version-gap', ['version gap 0..1']],
    [
      'a gap after the checkpoint',
      () => without(checkpointed(parquet(upTo(1)), classicKey(1)), 3),
      'version-gap',
      ['version gap 2..3'],
    ],
    ['no protocol', () => logOf([[metaData()]]), 'no-protocol', ['no protocol']],
    ['no metadata', () => logOf([[protocol()]]), 'no-metadata', ['no metadata']],
    ['nothing at all', () => logOf([]), 'not-a-delta-table', ['no commits']],
    [
      'a schema that is not JSON',
      () => logOf([[protocol(), metaData({ schemaString: '{' })]]),
      'broken-action',
      [commitKey(0)],
    ],
    [
      'a list whose elements have no type',
      () =>
        logOf([
          [protocol(), metaData({ schemaString: `{"type":"struct","fields":[{"name":"a","type":{"type":"array"}}]}` })],
        ]),
      'broken-action',
      [commitKey(0)],
    ],
  ])('%s', async (_, make, code, unsupported) => {
    expect(await refusal(readState(make()))).toMatchObject({ code, unsupported })
    expect(await refusal(readSnapshot(make()))).toMatchObject({ code, unsupported })
  })

  test.each<[string, string, string]>([
    ['is not JSON', 'what?', 'not-json'],
    ['is cut off', '{"add":{"path":"a","size":1', 'not-json'],
    ['is JSON but not an action', '[1]', 'broken-action'],
    ['adds a file without a size', '{"add":{"path":"a"}}', 'broken-action'],
    ['adds a file without a path', '{"add":{"size":1}}', 'broken-action'],
    ['has invalid partition values', '{"add":{"path":"a","size":1,"partitionValues":{"a":{"b":1}}}}', 'broken-action'],
    ['has partition values that are not JSON', '{"add":{"path":"a","size":1,"partitionValues":{"a":b}}}', 'not-json'],
  ])('a commit that %s, with its line', async (_, line, code) => {
    const store = logOf([[...start, add('a')]])
    store.put(commitKey(1), `${lines([add('b')])}${line}\n`)
    const error = await refusal(readSnapshot(store))
    expect(error).toMatchObject({ code, unsupported: [commitKey(1)], known: { version: 1 } })
    expect(error.message).toContain(`${commitKey(1)}, line 2`)
  })

  test('a commit that is not UTF-8', async () => {
    const store = logOf([[...start, add('a')]])
    store.put(commitKey(1), Uint8Array.of(0x7b, 0x22, 0xe9, 0x22, 0x7d))
    expect(await refusal(readSnapshot(store))).toMatchObject({ code: 'not-json' })
  })

  test('a broken file action, with what is known of the table', async () => {
    const error = await refusal(readSnapshot(logOf([[...start, add('a', { size: null })]])))
    expect(error.known).toMatchObject({
      version: 0,
      protocol: { minReaderVersion: 1 },
      metadata: { partitionColumns: [] },
    })
  })

  test('a line that does not parse, naming the unknown feature that explains it', async () => {
    const store = logOf([[features(['telepathy']), metaData()], [{ add: { thought: true } }]])
    expect(await refusal(readSnapshot(store))).toMatchObject({ code: 'unknown-reader-feature', known: { version: 1 } })
  })

  test.each<[string, () => MemoryStore, number, string]>([
    ['the newest', () => logOf(five), 5, 'no-such-version'],
    ['the oldest that still exists', () => checkpointed(parquet(upTo(3))), 2, 'no-such-version'],
  ])('a version beyond %s', async (_, make, version, code) => {
    expect(await refusal(readSnapshot(make(), version))).toMatchObject({ code, unsupported: [`version ${version}`] })
  })

  test('but not a feature that only writers must know', async () => {
    const { protocol: found } = await readState(logOf([[features([], ['telepathy', 'rowTracking']), metaData()]]))
    expect(featuresInForce(found)).toEqual(['rowTracking', 'telepathy'])
  })
})
