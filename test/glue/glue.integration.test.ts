import { afterAll, expect, test } from '@jest/globals'
import { DeleteDatabaseCommand, GetDatabasesCommand } from '@aws-sdk/client-glue'
import { glue } from '../../src/aws/clients.ts'
import { glueCatalog } from '../../src/glue/aws/glue.ts'
import { act } from '../../src/glue/act.ts'
import { decide } from '../../src/reactions/catalog/decide.ts'
import type { Glue } from '../../src/glue/ports.ts'
import type { TableMetadata } from '../../src/tables/change.ts'
import { testGlue } from './glue.suite.ts'
import { filesWorld } from '../reactions/catalog-files/given.ts'
import { EPOCH, field, flights, metadata, untouched } from '../reactions/catalog/given.ts'

const PREFIX = 'glue_suite_'
const client = glue()
const catalog = glueCatalog(client)

afterAll(async () => {
  const { DatabaseList = [] } = await client.send(new GetDatabasesCommand({}))
  const ours = DatabaseList.map(({ Name = '' }) => Name).filter((name) => name.startsWith(PREFIX))
  await Promise.all(ours.map((Name) => client.send(new DeleteDatabaseCommand({ Name }))))
  client.destroy()
})

const here: Glue = {
  find: (database, table) => catalog.find(PREFIX + database, table),
  createDatabase: (name, description) => catalog.createDatabase(PREFIX + name, description),
  createTable: (database, definition) => catalog.createTable(PREFIX + database, definition),
  updateTable: (database, definition, versionId) => catalog.updateTable(PREFIX + database, definition, versionId),
  createPartitions: (database, ...rest) => catalog.createPartitions(PREFIX + database, ...rest),
  updatePartitions: (database, ...rest) => catalog.updatePartitions(PREFIX + database, ...rest),
  deletePartitions: (database, ...rest) => catalog.deletePartitions(PREFIX + database, ...rest),
  partitions: (database, table) => catalog.partitions(PREFIX + database, table),
}

testGlue('The emulator', async () => here)

test('a record that was written and read back leaves nothing to do, and keeps what others added', async () => {
  const round = async (table: TableMetadata, version: number) => {
    const found = await here.find('silver', 'flights')
    const { actions } = decide(
      { version, committed: EPOCH + version, table: flights, metadata: table, found },
      untouched,
    )
    for (const action of actions) expect(await act(action, here)).toEqual({ kind: 'done' })
    return actions.map(({ kind }) => kind)
  }
  const before = metadata([field('id', 'long', { comment: 'é ☃' })], { description: 'd', properties: { team: 'a' } })
  const after = metadata([field('id', 'long'), field('at', 'timestamp_ntz')])
  expect(await round(before, 0)).toEqual(['create-database', 'create-table'])
  expect(await round(before, 0)).toEqual([])

  const found = await here.find('silver', 'flights')
  if (found.kind !== 'table') throw new Error(found.kind)
  const theirs = { ...found.definition, Owner: 'them', Parameters: { ...found.definition.Parameters, numRows: '3' } }
  expect(await here.updateTable('silver', theirs, found.versionId)).toBe('updated')
  expect(await round(before, 0)).toEqual([])

  expect(await round(after, 1)).toEqual(['update-table'])
  expect(await round(after, 1)).toEqual([])
  const last = await here.find('silver', 'flights')
  expect(last).toMatchObject({
    definition: { Owner: 'them', Parameters: { numRows: '3', 'delta.lastUpdateVersion': '1' } },
  })
  expect(last.kind === 'table' && last.definition.StorageDescriptor?.Columns).toEqual([
    { Name: 'id', Type: 'bigint' },
    { Name: 'at', Type: 'timestamp' },
  ])
})

test('the record of a table of files, with its partitions, also leaves nothing to do', async () => {
  const world = filesWorld()
  Object.assign(world.contended, here)
  const partitions = async () => {
    const found: string[] = []
    for await (const { values, location } of here.partitions('bronze', 'uploads'))
      found.push(`${values[0]} ${location}`)
    return new Set(found)
  }
  await world.land({ put: { 'dt=1/a.json': '{"id":1}\n', 'dt=a%2Fb c/a.json': '{"id":1}\n' } })
  expect((await world.wake()).reacted).toMatchObject({ kind: 'done', actions: 3 })
  expect((await world.wake({ full: true })).reacted).toMatchObject({ kind: 'idle' })
  await world.land({ put: { 'dt=2/a.json': '{"id":2.5,"new":{"x":[true]}}\n' }, remove: ['dt=1/a.json'] })
  expect((await world.wake()).reacted).toMatchObject({ kind: 'done', actions: 4 })
  expect((await world.wake({ full: true })).reacted).toMatchObject({ kind: 'idle' })
  expect(await partitions()).toEqual(new Set(['2 s3://raw/uploads/dt=2/', 'a/b c s3://raw/uploads/dt=a%2Fb c/']))
  expect(await here.find('bronze', 'uploads')).toMatchObject({
    definition: {
      PartitionKeys: [{ Name: 'dt', Type: 'string' }],
      StorageDescriptor: {
        Columns: [
          { Name: 'id', Type: 'double' },
          { Name: 'new', Type: 'struct<x:array<boolean>>' },
        ],
      },
    },
  })
})
