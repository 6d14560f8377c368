import { afterAll } from '@jest/globals'
import { DeleteDatabaseCommand, GetDatabasesCommand } from '@aws-sdk/client-glue'
import { glue } from '../../src/clients/aws.ts'
import { glueCatalog } from '../../src/clients/glue.ts'
import { testGlue } from '../suites/glue.ts'

const PREFIX = 'glue_suite_'
const client = glue()
const catalog = glueCatalog(client)

afterAll(async () => {
  const { DatabaseList = [] } = await client.send(new GetDatabasesCommand({}))
  const ours = DatabaseList.map(({ Name = '' }) => Name).filter((name) => name.startsWith(PREFIX))
  await Promise.all(ours.map((Name) => client.send(new DeleteDatabaseCommand({ Name }))))
  client.destroy()
})

testGlue('The emulator', async () => ({
  find: (database, table) => catalog.find(PREFIX + database, table),
  createDatabase: (name, description) => catalog.createDatabase(PREFIX + name, description),
  createTable: (database, definition) => catalog.createTable(PREFIX + database, definition),
  updateTable: (database, definition, versionId) => catalog.updateTable(PREFIX + database, definition, versionId),
}))
