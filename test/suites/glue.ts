import { describe, expect, test } from '@jest/globals'
import type { Glue, TableInput } from '../../src/reactions/catalog/glue.ts'

/**
 * What every Glue Data Catalog must hold to; run on the twin and on the emulator. Each test takes a database of its own.
 * What AWS also insists on, and the emulator does not, is asked of the twin alone in `test/unit/reactions/catalog/twin.test.ts`.
 */
export function testGlue(name: string, make: () => Promise<Glue>): void {
  describe(`${name} as a Glue Data Catalog`, () => {
    test('a table is missing for want of its database, until that is there', async () => {
      const glue = await make()
      expect(await glue.find('missing', 't')).toEqual({ kind: 'no-database' })
      expect(await glue.createDatabase('missing', 'd')).toBe('created')
      expect(await glue.find('missing', 't')).toEqual({ kind: 'no-table' })
    })

    test('a database that somebody made first is as good', async () => {
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

    test('an update of a table that was dropped brings nothing back', async () => {
      const glue = await make()
      await glue.createDatabase('dropped', 'd')
      expect(await glue.updateTable('dropped', definition('t'), '0')).toBe('conflict')
      expect(await glue.find('dropped', 't')).toEqual({ kind: 'no-table' })
    })

    test('an update takes away the parameters and columns that it does not name', async () => {
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
  })
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
