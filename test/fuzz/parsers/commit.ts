import {
  add,
  commitKey,
  features,
  key,
  lines,
  metaData,
  pad,
  protocol,
  remove,
  start,
  UUID,
  vector,
  writtenAt,
} from '../../tables/delta/log-builder.ts'
import { MemoryStore } from '../../tables/table-store.twin.ts'
import type { Mutator, Parser, Seed } from '../parser.ts'
import { isLarge, LOG_ANSWERS, readVersions, readWhole } from './delta-log.ts'
import { bombsAt, fixture, MIB, text, times } from './fixtures.ts'

/** Where the input is in a log: its first commit, its newest, a checkpoint in JSON, a hint, a checksum. */
const FIRST = commitKey(0)
const NEWEST = commitKey(2)
const MANIFEST = key(`${pad(1)}.checkpoint.${UUID}.json`)
const HINT = key('_last_checkpoint')
const CHECKSUM = key(`${pad(2)}.crc`)

const ofDeltaRs = [0, 1, 2, 3, 4].map((version) => fixture(`fuzz/delta/${pad(version)}.json`))
const mapped = { 'delta.columnMapping.mode': 'name', 'delta.columnMapping.maxColumnId': '2' }
const timed = { 'delta.enableInCommitTimestamps': 'true' }
const info = (more: object) => ({
  commitInfo: { timestamp: 1, operation: 'WRITE', operationMetrics: { numFiles: '1' }, ...more },
})
const schemaOf = (type: unknown) =>
  JSON.stringify({ type: 'struct', fields: [{ name: 'a', type, nullable: true, metadata: {} }] })
const nested = {
  type: 'array',
  containsNull: true,
  elementType: { type: 'map', keyType: 'string', valueType: { type: 'struct', fields: [] }, valueContainsNull: true },
}

const seeds: Seed[] = [
  { name: 'version 0 of delta-rs', bytes: ofDeltaRs[0]!, place: FIRST, answer: 'read' },
  ...ofDeltaRs.map((bytes, version): Seed => ({
    name: `version ${version} of delta-rs`,
    bytes,
    place: NEWEST,
    answer: 'read',
  })),
  {
    name: 'with features, deletion vectors and column mapping',
    bytes: text(
      lines([
        features(['deletionVectors', 'columnMapping']),
        metaData({ configuration: mapped, partitionColumns: ['day'] }),
        add('a', { ...vector('v'), partitionValues: { 'col-day': '1' } }),
        remove('b', vector('w')),
        info({}),
      ]),
    ),
    place: NEWEST,
    answer: 'read',
  },
  {
    name: 'with in-commit timestamps',
    bytes: text(
      lines([
        info({ inCommitTimestamp: 1_700_000_000_000 }),
        protocol({ minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['inCommitTimestamp'] }),
        metaData({ configuration: timed, schemaString: schemaOf(nested) }),
      ]),
    ),
    place: NEWEST,
    answer: 'read',
  },
  {
    name: 'a manifest',
    bytes: text(lines([...start, { checkpointMetadata: { version: 1 } }, add('m')])),
    place: MANIFEST,
    answer: 'read',
  },
  { name: 'a hint', bytes: text('{"version":1,"size":2,"sizeInBytes":100}'), place: HINT, answer: 'read' },
  {
    name: 'a checksum',
    bytes: text('{"inCommitTimestampOpt":1700000000000,"tableSizeBytes":1}'),
    place: CHECKSUM,
    answer: 'read',
  },
]

/** A log of three commits, or of what follows a checkpoint in JSON. */
function logWith(input: Uint8Array, place: string): MemoryStore {
  const store = new MemoryStore()
  if (place === MANIFEST) store.put(NEWEST, lines([add('c')]), writtenAt(2))
  else {
    store.put(FIRST, lines([...start, add('a')]), writtenAt(0))
    store.put(commitKey(1), lines([add('b')]), writtenAt(1))
    store.put(NEWEST, lines([add('c')]), writtenAt(2))
  }
  store.put(place, input, writtenAt(2))
  return store
}

/** A part of the JSON in a JSON string: schemas and statistics. */
const nestInString: Mutator = (bytes, random) => {
  const line = new TextDecoder('latin1').decode(bytes)
  const at = line.indexOf(
    random.one(['\\"type\\":', '\\"fields\\":[', '\\"metadata\\":', '\\"numRecords\\":', '\\"elementType\\":']),
  )
  if (at === -1) return bytes
  const colon = line.indexOf(':', at) + 1
  const odd = random.one([
    'null,',
    '7,',
    '[]',
    '{}',
    '\\"decimal(99,-1)\\",\\"x\\":',
    '{\\"type\\":',
    '[',
    '\\"udt\\"',
    '{\\"type\\":\\"udt\\",\\"sqlType\\":',
  ])
  return new Uint8Array(
    Buffer.from(
      line.slice(0, colon) + odd.repeat(1 + random.below(random.one([2, 500]))) + line.slice(colon),
      'latin1',
    ),
  )
}

/** A line is lost, doubled or moved; or a field of an action is renamed away. */
const editLines: Mutator = (bytes, random, other) => {
  const rows = Buffer.from(bytes).toString('latin1').split('\n')
  const more = Buffer.from(other).toString('latin1').split('\n')
  const at = random.below(rows.length)
  const how = random.below(4)
  if (how === 0) rows.splice(at, 1)
  else if (how === 1) rows.splice(at, 0, random.one(more))
  else if (how === 2) rows.push(rows[at]!)
  else {
    const fields = [...rows[at]!.matchAll(/"([A-Za-z]+)":/g)]
    const field = fields[random.below(fields.length)]
    if (field !== undefined)
      rows[at] = `${rows[at]!.slice(0, field.index)}"x":${rows[at]!.slice(field.index + field[0].length)}`
  }
  return new Uint8Array(Buffer.from(rows.join('\n'), 'latin1'))
}

const BROKEN = ['broken-action', 'not-json', 'broken-checkpoint', 'object-too-large']
const bomb = bombsAt(NEWEST, BROKEN)
const withSchema = (schemaString: string) => text(lines([metaData({ schemaString })]))
/** A struct in a struct in … */
const deep = (levels: number) =>
  `${'{"type":"struct","fields":[{"name":"a","nullable":true,"metadata":{},"type":'.repeat(levels)}"long"${'}]}'.repeat(levels)}`
const anyOf = [...LOG_ANSWERS, ...BROKEN]

export const commit: Parser = {
  name: 'commit',
  lambda: 'announce',
  seeds,
  mutators: [nestInString, editLines],
  answers: anyOf,
  async run(input, place) {
    const isCommit = place === FIRST || place === NEWEST
    const isWhole = !isCommit || isLarge(input) || input.length % 2 === 0
    const isEach = isCommit && (isLarge(input) || input.length % 2 === 1)
    const whole = isWhole ? await readWhole(logWith(input, place), input) : 'read'
    const each = isEach ? await readVersions(logWith(input, place), 2) : 'read'
    return whole === 'read' ? each : whole
  },
  bombs: [
    bomb('a schema nested a thousand deep', () => withSchema(deep(1_000))),
    bomb('a schema nested 10,000 deep', () => withSchema(deep(10_000))),
    bomb('a schema nested 100,000 deep', () => withSchema(deep(100_000))),
    bomb('types in types without a name', () =>
      withSchema(schemaOf(0).replace('0', `${'{"type":'.repeat(100_000)}"long"${'}'.repeat(100_000)}`)),
    ),
    bomb('user-defined types in each other', () =>
      withSchema(schemaOf(0).replace('0', `${'{"type":"udt","sqlType":'.repeat(50_000)}"long"${'}'.repeat(50_000)}`)),
    ),
    bomb('a schema of a million brackets', () => withSchema('['.repeat(1_000_000))),
    bomb(
      'a schema of 50,000 columns',
      () =>
        withSchema(
          JSON.stringify({
            type: 'struct',
            fields: Array.from({ length: 50_000 }, (_, at) => ({
              name: `c${at}`,
              type: 'long',
              nullable: true,
              metadata: {},
            })),
          }),
        ),
      [...anyOf],
    ),
    bomb(
      'a schema of 10 million empty lists',
      () => withSchema(`{"type":"struct","fields":[],"x":[${'[],'.repeat(5_000_000)}[]]}`),
      anyOf,
    ),
    bomb('a line of a million brackets', () => times('[', MIB)),
    bomb('a line of 16 million brackets', () => times('[', 16 * MIB)),
    bomb('an action nested a million deep', () => text(`${'{"a":'.repeat(1_000_000)}1${'}'.repeat(1_000_000)}`), anyOf),
    bomb(
      'an action of a million keys',
      () => text(`{${Array.from({ length: 1_000_000 }, (_, at) => `"k${at}":1`).join(',')}}`),
      anyOf,
    ),
    bomb('one action of 30 MB in one line', () => text(`{"commitInfo":{"x":"${'y'.repeat(30_000_000)}"}}`), anyOf),
    bomb('30 MB of empty lists in one line', () => text(`{"commitInfo":[${'[],'.repeat(10_000_000)}[]]}`), anyOf),
    bomb('30 MB of empty objects in one line', () => text(`{"commitInfo":[${'{},'.repeat(10_000_000)}{}]}`), anyOf),
    bomb('30 MB of one file action', () => text(`{"add":{"path":"${'y'.repeat(30_000_000)}","size":1}}`), anyOf),
    bomb('30 MB of empty lines', () => times('\n', 30_000_000), anyOf),
    bomb('6 MB of the shortest actions', () => times('{}\n', 2_000_000), anyOf),
    bomb(
      '200,000 files in a commit',
      () => text(Array.from({ length: 200_000 }, (_, at) => `{"add":{"path":"f${at}","size":1}}`).join('\n')),
      anyOf,
    ),
    bomb(
      '200,000 partition values',
      () =>
        text(
          lines([
            add('a', {
              partitionValues: Object.fromEntries(Array.from({ length: 200_000 }, (_, at) => [`k${at}`, 'v'])),
            }),
          ]),
        ),
      anyOf,
    ),
    bomb(
      '200,000 properties',
      () =>
        text(
          lines([
            metaData({
              configuration: Object.fromEntries(Array.from({ length: 200_000 }, (_, at) => [`k${at}`, 'v'])),
            }),
          ]),
        ),
      anyOf,
    ),
    bomb(
      'a million features',
      () => text(lines([features(Array.from({ length: 1_000_000 }, (_, at) => `f${at}`))])),
      anyOf,
    ),
    bomb(
      'two million files in a commit',
      () => text(Array.from({ length: 2_000_000 }, (_, at) => `{"add":{"path":"${at}","size":1}}`).join('\n')),
      anyOf,
    ),
    bomb(
      '60 MB of sidecars with lists',
      () => times(`{"sidecar":{"path":"a","x":[${'[],'.repeat(200_000)}[]]}}\n`, 100),
      anyOf,
    ),
    bomb('a hint of 50 MB', () => times('[', 50_000_000), ['read'], HINT),
    bomb('a hint of a million brackets', () => times('[', MIB), ['read'], HINT),
    bomb('a hint of a version without an end', () => text(`{"version":${'9'.repeat(1_000_000)}}`), ['read'], HINT),
    bomb('a checksum of 50 MB', () => times('{"a":', 10_000_000), ['read'], CHECKSUM),
    bomb('a manifest of 30 MB in one line', () => text(`{"sidecar":[${'[],'.repeat(10_000_000)}[]]}`), anyOf, MANIFEST),
    bomb('a manifest of 300,000 sidecars', () => times('{"sidecar":{"path":"a"}}\n', 300_000), anyOf, MANIFEST),
    bomb(
      'statistics nested a hundred thousand deep',
      () => text(lines([add('a', { stats: `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}` })])),
      anyOf,
    ),
  ],
}
