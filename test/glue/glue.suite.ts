import { describe, expect, test } from '@jest/globals'
import {
  DELETED_A_CALL,
  type FoundPartition,
  type Glue,
  type PartitionInput,
  PARTITIONS_A_CALL,
  type TableInput,
} from '../../src/glue/ports.ts'

/**
 * The contract of the Glue Data Catalog; run on the twin and on the emulator. Each test has a database of its own. What AWS
 * also checks, and the emulator does not, is tested on the twin alone in `test/glue/glue.test.ts`.
 */
export function testGlue(name: string, make: () => Promise<Glue>): void {
  describe(`${name} as a Glue Data Catalog`, () => {
    test('a missing table is reported as no-database until the database exists', async () => {
      const glue = await make()
      expect(await glue.find('missing', 't')).toEqual({ kind: 'no-database' })
      expect(await glue.createDatabase('missing', 'd')).toBe('created')
      expect(await glue.find('missing', 't')).toEqual({ kind: 'no-table' })
    })

    test('creating a database that somebody else created first is no error', async () => {
      const glue = await make()
      expect(await glue.createDatabase('first', 'd')).toBe('created')
      expect(await glue.createDatabase('first', 'another')).toBe('exists')
    })

    test('a table cannot be created where its database was dropped, nor twice', async () => {
      const glue = await make()
      expect(await glue.createTable('twice', definition('t'))).toBe('conflict')
      await glue.createDatabase('twice', 'd')
      expect(await glue.createTable('twice', definition('t'))).toBe('created')
      expect(await glue.createTable('twice', definition('t', 'another'))).toBe('conflict')
      expect(await glue.find('twice', 't')).toMatchObject({ definition: { Description: 'one' } })
    })

    test('what was written is read back', async () => {
      const glue = await make()
      await glue.createDatabase('whole', 'd')
      await glue.createTable('whole', definition('t'))
      expect(await glue.find('whole', 't')).toMatchObject({ kind: 'table', definition: definition('t') })
    })

    test('an update of a version that is gone changes nothing', async () => {
      const glue = await make()
      await glue.createDatabase('race', 'd')
      await glue.createTable('race', definition('t'))
      const versionId = await versionOf(glue, 'race', 't')
      expect(await glue.updateTable('race', definition('t', 'two'), versionId)).toBe('updated')
      expect(await glue.updateTable('race', definition('t', 'three'), versionId)).toBe('conflict')
      expect(await glue.find('race', 't')).toMatchObject({ definition: { Description: 'two' } })
      expect(await versionOf(glue, 'race', 't')).not.toBe(versionId)
    })

    test('an update of a table that was dropped does not create it again', async () => {
      const glue = await make()
      await glue.createDatabase('dropped', 'd')
      expect(await glue.updateTable('dropped', definition('t'), '0')).toBe('conflict')
      expect(await glue.find('dropped', 't')).toEqual({ kind: 'no-table' })
    })

    test('an update removes the parameters and columns that it does not name', async () => {
      const glue = await make()
      await glue.createDatabase('replaced', 'd')
      await glue.createTable('replaced', definition('t'))
      const next = {
        ...definition('t'),
        Parameters: { b: '2' },
        StorageDescriptor: { Columns: [], Location: 's3://b/p/' },
      }
      expect(await glue.updateTable('replaced', next, await versionOf(glue, 'replaced', 't'))).toBe('updated')
      const found = await glue.find('replaced', 't')
      expect(found.kind === 'table' && found.definition.Parameters).toEqual({ b: '2' })
      expect(found.kind === 'table' && found.definition.StorageDescriptor).toEqual(next.StorageDescriptor)
    })

    const partitioned = async (database: string): Promise<Glue> => {
      const glue = await make()
      await glue.createDatabase(database, 'd')
      await glue.createTable(database, { ...definition('t'), PartitionKeys: [{ Name: 'dt', Type: 'string' }] })
      return glue
    }

    test('more partitions than a page holds, created a hundred at a time, are read back by their values', async () => {
      const glue = await partitioned('many')
      const values = Array.from({ length: 1_100 }, (_, i) => `${i} é/%41`)
      for (let from = 0; from < values.length; from += PARTITIONS_A_CALL) {
        const some = values.slice(from, from + PARTITIONS_A_CALL).map((value) => partition(value))
        expect(await glue.createPartitions('many', 't', some)).toBe('done')
      }
      const found = await all(glue, 'many')
      expect(new Set(found.map((each) => each.values[0]))).toEqual(new Set(values))
      expect(found).toHaveLength(values.length)
      expect(found[0]).toMatchObject({ parameters: { r: '1' }, location: expect.stringMatching(/^s3:\/\/b\/p\/dt=/) })
    })

    test('an existing partition stays as it is, and the others are created', async () => {
      const glue = await partitioned('again')
      await glue.createPartitions('again', 't', [partition('a')])
      expect(await glue.createPartitions('again', 't', [partition('a', '2'), partition('b', '2')])).toBe('done')
      const found = await all(glue, 'again')
      expect(new Map(found.map(({ values, parameters }) => [values[0], parameters['r']]))).toEqual(
        new Map([
          ['a', '1'],
          ['b', '2'],
        ]),
      )
    })

    test('an update replaces partitions, and is a conflict when one is gone', async () => {
      const glue = await partitioned('updated')
      await glue.createPartitions('updated', 't', [partition('a'), partition('b')])
      expect(await glue.updatePartitions('updated', 't', [partition('a', '2'), partition('b', '2')])).toBe('done')
      expect((await all(glue, 'updated')).map(({ parameters }) => parameters)).toEqual([{ r: '2' }, { r: '2' }])
      expect(await glue.updatePartitions('updated', 't', [partition('a', '3'), partition('c', '3')])).toBe('conflict')
    })

    test('partitions are deleted 25 at a time, and one that is gone counts as deleted', async () => {
      const glue = await partitioned('deleted')
      const values = Array.from({ length: DELETED_A_CALL }, (_, i) => [`${i}`])
      await glue.createPartitions(
        'deleted',
        't',
        values.map(([value = '']) => partition(value)),
      )
      expect(await glue.deletePartitions('deleted', 't', [['0'], ['gone']])).toBe('done')
      expect(await glue.deletePartitions('deleted', 't', values)).toBe('done')
      expect(await all(glue, 'deleted')).toEqual([])
    })

    test('a call with more partitions than Glue allows fails', async () => {
      const glue = await partitioned('toomany')
      const many = Array.from({ length: PARTITIONS_A_CALL + 1 }, (_, i) => partition(`${i}`))
      await expect(glue.createPartitions('toomany', 't', many)).rejects.toThrow()
      const values = many.slice(0, DELETED_A_CALL + 1).map((each) => each.Values)
      await expect(glue.deletePartitions('toomany', 't', values)).rejects.toThrow()
    })

    test('partitions of a dropped table cannot be created, and there are none', async () => {
      const glue = await make()
      await glue.createDatabase('nothere', 'd')
      expect(await glue.createPartitions('nothere', 't', [partition('a')])).toBe('conflict')
      expect(await glue.updatePartitions('nothere', 't', [partition('a')])).toBe('conflict')
      expect(await glue.deletePartitions('nothere', 't', [['a']])).toBe('conflict')
      expect(await all(glue, 'nothere')).toEqual([])
    })
  })
}

function partition(value: string, r = '1'): PartitionInput {
  return {
    Values: [value],
    StorageDescriptor: { ...definition('t').StorageDescriptor, Location: `s3://b/p/dt=${value}/` },
    Parameters: { r },
  }
}

async function all(glue: Glue, database: string): Promise<FoundPartition[]> {
  const found: FoundPartition[] = []
  for await (const each of glue.partitions(database, 't')) found.push(each)
  return found
}

function definition(name: string, description = 'one'): TableInput {
  return {
    Name: name,
    Description: description,
    TableType: 'EXTERNAL_TABLE',
    Parameters: { a: '1 é ☃' },
    PartitionKeys: [],
    StorageDescriptor: {
      Columns: [{ Name: 'id', Type: 'struct<a:int,b:array<string>>', Comment: 'c', Parameters: { p: 'q' } }],
      Location: 's3://b/p/',
      SerdeInfo: { SerializationLibrary: 's', Parameters: { path: 's3://b/p/' } },
    },
  }
}

async function versionOf(glue: Glue, database: string, table: string): Promise<string> {
  const found = await glue.find(database, table)
  if (found.kind !== 'table') throw new Error(`no table ${database}.${table}: ${found.kind}`)
  return found.versionId
}
