import { truncateUtf8 } from '../../../src/core/text.ts'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Parameters, TableInput } from '../../../src/glue/ports.ts'
import { fingerprint } from '../../../src/glue/merge.ts'
import { definitionOf, metadataIn } from '../../../src/reactions/catalog/record.ts'
import { canonical, split } from '../../../src/glue/text.ts'
import type { TableMetadata } from '../../../src/tables/change.ts'
import type { DataType, StructField } from '../../../src/tables/schema.ts'
import { glueTwin } from '../../glue/glue.twin.ts'
import { flights, keep } from './given.ts'

const settings = { seed: 20_261_122, numRuns: 300 }

const primitive = fc.constantFrom(
  'string',
  'long',
  'integer',
  'double',
  'decimal(10,2)',
  'timestamp_ntz',
  'variant',
  'binary',
)
const text = fc.string({ unit: 'binary', maxLength: 12 })
// Ordinary names, arbitrary ones, and property names of JavaScript objects.
const key = fc.oneof(fc.constantFrom('team', 'delta.appendOnly', 'comment', '__proto__', 'path', 'table_type'), text)
const fieldMetadata = fc.oneof(
  fc.constant({}),
  fc.record({ comment: text }),
  fc.dictionary(key, fc.jsonValue(), { maxKeys: 2 }),
)

const { dataType } = fc.letrec<{ dataType: DataType; fields: StructField[] }>((tie) => ({
  dataType: fc.oneof(
    { maxDepth: 3 },
    primitive,
    fc.record({ type: fc.constant('array' as const), elementType: tie('dataType'), containsNull: fc.boolean() }),
    fc.record({
      type: fc.constant('map' as const),
      keyType: primitive,
      valueType: tie('dataType'),
      valueContainsNull: fc.boolean(),
    }),
    fc.record({ type: fc.constant('struct' as const), fields: tie('fields') }),
  ),
  fields: fc.array(fc.record({ name: text, type: tie('dataType'), nullable: fc.boolean(), metadata: fieldMetadata }), {
    maxLength: 3,
  }),
}))

const columnName = fc.stringMatching(/^[A-Za-z][\w $éß☃-]{0,6}$/)
const metadata: fc.Arbitrary<TableMetadata> = fc.record(
  {
    id: fc.constantFrom('id-1', 'id-2'),
    description: text,
    schema: fc.record({
      type: fc.constant('struct' as const),
      fields: fc.uniqueArray(
        fc.record({ name: columnName, type: dataType, nullable: fc.boolean(), metadata: fieldMetadata }),
        { maxLength: 5, selector: ({ name }) => name.toLowerCase() },
      ),
    }),
    partitionColumns: fc.constant([]),
    properties: fc.dictionary(key, text, { maxKeys: 4 }),
  },
  { requiredKeys: ['id', 'schema', 'partitionColumns', 'properties'] },
)

/** Edits by another person to any part of a record, including Landfall's own. */
const edit: fc.Arbitrary<(found: TableInput) => TableInput> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('numRows', 'x', 'landfall.properties', 'team', 'spark.sql.sources.schema.part.0'),
      fc.string(),
    )
    .map(
      ([name, value]) =>
        (found: TableInput) =>
          withParameters(found, { [name]: value }),
    ),
  fc
    .constantFrom('spark.sql.sources.schema.numParts', 'table_type', 'comment', 'delta.lastUpdateVersion')
    .map((name) => (found: TableInput) => ({
      ...found,
      Parameters: Object.fromEntries(Object.entries(found.Parameters ?? {}).filter(([one]) => one !== name)),
    })),
  fc
    .constantFrom<Partial<TableInput>>(
      { Owner: 'them' },
      { Retention: 9 },
      { Description: 'by hand' },
      { PartitionKeys: [{ Name: 'p' }] },
    )
    .map((more) => (found: TableInput) => ({ ...found, ...more })),
  fc
    .constantFrom<object>(
      { Columns: [] },
      { Compressed: true },
      { Parameters: { a: 'b' } },
      { SerdeInfo: { Name: 'n' } },
    )
    .map((more) => (found: TableInput) => ({ ...found, StorageDescriptor: { ...found.StorageDescriptor, ...more } })),
  fc.constant((found: TableInput) => ({
    ...found,
    StorageDescriptor: {
      ...found.StorageDescriptor,
      Columns: (found.StorageDescriptor?.Columns ?? []).map((column) => ({
        ...column,
        Comment: 'by hand',
        Parameters: { k: 'v' },
      })),
    },
  })),
)

function size(value: string): number {
  return new TextEncoder().encode(value).length
}

function withParameters(found: TableInput, more: Parameters): TableInput {
  return { ...found, Parameters: { ...found.Parameters, ...more } }
}

describe('Whatever the schema, and whatever others do to the record,', () => {
  test('one round leaves nothing to do, and Glue accepts what it writes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(metadata, fc.array(edit, { maxLength: 3 })), { minLength: 1, maxLength: 4 }),
        async (history) => {
          const glue = glueTwin()
          for (const [version, [table, edits]] of history.entries()) {
            await keep(glue, table, version)
            for (const change of edits) glue.edit('silver', 'flights', change)
            const { state } = await keep(glue, table, version)
            expect(await keep(glue, table, version)).toEqual({ actions: [], state })
            // After any edit, an engine finds the whole table.
            const found = glue.definition('silver', 'flights') as TableInput
            expect(found.Parameters).toMatchObject({ ...definitionOf(flights, table).Parameters })
          }
        },
      ),
      settings,
    )
  })

  test('an edit of what is not Landfall’s is never undone', async () => {
    const foreign = fc.record(
      {
        Owner: fc.string({ minLength: 1, unit: 'grapheme-ascii' }),
        Retention: fc.nat(),
        Parameters: fc.dictionary(fc.stringMatching(/^x-[a-z]{1,5}$/), fc.string()),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(metadata, metadata, foreign, async (before, after, more) => {
        const glue = glueTwin()
        await keep(glue, before, 0)
        glue.edit('silver', 'flights', (found) => ({
          ...found,
          ...more,
          Parameters: { ...found.Parameters, ...more.Parameters },
        }))
        await keep(glue, after, 1)
        expect(glue.definition('silver', 'flights')).toMatchObject(more)
      }),
      settings,
    )
  })

  test('the state is equal exactly when the record would be', () => {
    fc.assert(
      fc.property(metadata, metadata, (one, other) => {
        const [a, b] = [definitionOf(flights, one), definitionOf(flights, other)]
        expect(fingerprint(a) === fingerprint(b)).toBe(canonical(a) === canonical(b))
        expect(fingerprint(a)).toBe(fingerprint(definitionOf(flights, structuredClone(one))))
      }),
      settings,
    )
  })

  test('a record has the metadata it was made from, so that a sweep need not read the log', () => {
    fc.assert(
      fc.property(metadata, (table) => {
        const definition = definitionOf(flights, table)
        const read = metadataIn(definition)
        expect(read && canonical(definitionOf(flights, read))).toBe(canonical(definition))
      }),
      settings,
    )
  })
})

describe('Text', () => {
  const any = fc.string({ unit: fc.constantFrom('a', 'é', '☃', '😀', '\ud800') })

  test('that is cut fits, and is cut only when it must be', () => {
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 40 }), (whole, bytes) => {
        const part = truncateUtf8(whole, bytes)
        expect(whole.startsWith(part)).toBe(true)
        expect(size(part)).toBeLessThanOrEqual(bytes)
        expect(part === whole || size(part) > bytes - 4).toBe(true)
        expect(part.isWellFormed() || !whole.isWellFormed()).toBe(true)
      }),
      settings,
    )
  })

  test('that is split is whole again when joined, without splitting a character', () => {
    fc.assert(
      fc.property(any, fc.integer({ min: 2, max: 9 }), (whole, length) => {
        const parts = split(whole, length)
        expect(parts.join('')).toBe(whole)
        expect(parts.every((part) => part.length <= length)).toBe(true)
        expect(!whole.isWellFormed() || parts.every((part) => part.isWellFormed())).toBe(true)
      }),
      settings,
    )
  })
})
