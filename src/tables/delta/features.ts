/**
 * Which tables may be read, by their features (Delta protocol, "Protocol Evolution", "Table Features", "Reader Version
 * Requirements").
 */
import { distinct } from '../../core/distinct.ts'
import type { Protocol } from '../change.ts'
import { type Known, RefusedTable } from './refused.ts'

/**
 * Features that do not matter to a reader of metadata and file lists, or that are handled here: column mapping, deletion
 * vectors, V2 checkpoints, in-commit timestamps. The last names are those of old previews.
 */
const READABLE = new Set([
  'appendOnly',
  'invariants',
  'checkConstraints',
  'generatedColumns',
  'allowColumnDefaults',
  'changeDataFeed',
  'columnMapping',
  'identityColumns',
  'deletionVectors',
  'rowTracking',
  'timestampNtz',
  'domainMetadata',
  'v2Checkpoint',
  'icebergCompatV1',
  'icebergCompatV2',
  'icebergCompatV3',
  'clustering',
  'vacuumProtocolCheck',
  'inCommitTimestamp',
  'typeWidening',
  'variantType',
  'variantShredding',
  'checkpointProtection',
  'materializePartitionColumns',
  'icebergWriterCompatV1',
  'icebergWriterCompatV3',
  'variantType-preview',
  'variantShredding-preview',
  'typeWidening-preview',
  'inCommitTimestamp-preview',
  'rowTracking-preview',
  'timestampWithoutTimezone',
])

/** Only the catalog knows the newest version of such a table: the folder may be behind ("Catalog-managed tables"). */
const CATALOG_MANAGED = new Set(['catalogManaged', 'catalogManaged-preview', 'catalogOwned-preview', 'catalogOwned'])

/** The newest `minReaderVersion`; from here on, `readerFeatures` lists what is needed. */
const READER_FEATURES = 3

/** Features that a version number implies where there is no list: name, reader version, writer version. */
const LEGACY: readonly (readonly [name: string, reader: number, writer: number])[] = [
  ['appendOnly', 1, 2],
  ['invariants', 1, 2],
  ['checkConstraints', 1, 3],
  ['changeDataFeed', 1, 4],
  ['generatedColumns', 1, 4],
  ['columnMapping', 2, 5],
  ['identityColumns', 1, 6],
]

/** Every feature in force, listed or implied by the legacy versions, in alphabetical order. */
export function featuresInForce(protocol: Protocol): string[] {
  const names = new Set([...protocol.readerFeatures, ...protocol.writerFeatures])
  for (const [name, reader, writer] of LEGACY) {
    const byReader = reader === 2 && protocol.minReaderVersion === 2
    const byWriter =
      protocol.minWriterVersion < 7 && protocol.minWriterVersion >= writer && protocol.minReaderVersion >= reader
    if (byReader || byWriter) names.add(name)
  }
  return [...names].sort()
}

/** @throws {RefusedTable} when a table of this protocol must not be read by this reader. */
export function requireReadable(protocol: Protocol, known: Known): void {
  const { minReaderVersion, readerFeatures } = protocol
  if (minReaderVersion > READER_FEATURES)
    throw new RefusedTable(
      'unknown-reader-version',
      `The table needs reader version ${minReaderVersion}; Landfall supports up to ${READER_FEATURES}.`,
      {
        unsupported: [`reader version ${minReaderVersion}`],
        known,
        expected: `at most ${READER_FEATURES}`,
        found: String(minReaderVersion),
        advice: 'Update Landfall, or write the table with an older protocol version.',
      },
    )
  const managed = [...readerFeatures, ...protocol.writerFeatures].filter((name) => CATALOG_MANAGED.has(name))
  if (managed.length > 0)
    throw new RefusedTable(
      'catalog-managed-table',
      `The table is managed by a catalog (${managed[0]}): only the catalog knows its newest versions.`,
      {
        unsupported: distinct(managed),
        known,
        advice: 'Remove the table from lake.yml: Landfall reads its log only from the folder.',
      },
    )
  const unknown = readerFeatures.filter((name) => !READABLE.has(name))
  if (unknown.length > 0)
    throw new RefusedTable(
      'unknown-reader-feature',
      `The table needs reader features that Landfall does not support: ${unknown.join(', ')}.`,
      {
        unsupported: unknown,
        known,
        found: unknown.join(', '),
        advice: 'Update Landfall, or drop the feature from the table.',
      },
    )
}
