import { describe, expect, test } from '@jest/globals'
import type { TableInput } from '../../src/glue/ports.ts'
import { testGlue } from './glue.suite.ts'
import { glueTwin } from './glue.twin.ts'

testGlue('The twin', async () => glueTwin())

const column = (more: object): Partial<TableInput> => ({
  StorageDescriptor: { Columns: [{ Name: 'a', Type: 'int', ...more }] },
})

describe('The twin is as strict as AWS (API reference; service model 2017-03-31): it rejects', () => {
  test.each<[string, Partial<TableInput>]>([
    ['a read-only member of GetTable’s result', { CreatedBy: 'me' }],
    ['a name that is empty', { Name: '' }],
    ['a name of 256 bytes', { Name: 'é'.repeat(128) }],
    ['a description of 2,049 bytes', { Description: 'd'.repeat(2049) }],
    ['a parameter key with a line break', { Parameters: { 'a\nb': '' } }],
    ['a parameter key of 256 bytes', { Parameters: { ['k'.repeat(256)]: '' } }],
    ['a parameter value of 512,001 characters', { Parameters: { k: 'v'.repeat(512_001) } }],
    ['a location of 2,057 bytes', { StorageDescriptor: { Location: 'l'.repeat(2057) } }],
    ['a column type of 131,073 characters', column({ Type: 't'.repeat(131_073) })],
    ['a comment of 256 bytes', column({ Comment: 'c'.repeat(256) })],
    ['a comment of two lines', column({ Comment: 'a\nb' })],
    ['half a surrogate pair', column({ Comment: '\ud800' })],
    ['a column named twice', { PartitionKeys: [{ Name: 'A' }], ...column({}) }],
    ['parameters of a partition column', { PartitionKeys: [{ Name: 'p', Parameters: { k: 'v' } }] }],
  ])('%s', async (_what, more) => {
    const glue = glueTwin()
    await glue.createDatabase('d', '')
    await expect(glue.createTable('d', { Name: 't', ...more })).rejects.toMatchObject({ code: 'invalid-in-glue' })
    expect(await glue.createTable('d', { Name: 't' })).toBe('created')
    await expect(glue.updateTable('d', { Name: 't', ...more }, '0')).rejects.toMatchObject({ code: 'invalid-in-glue' })
  })

  test('names are stored in lower case, and found in any case', async () => {
    const glue = glueTwin()
    await glue.createDatabase('Silver', '')
    await glue.createTable('Silver', { Name: 'Flights' })
    expect(await glue.find('SILVER', 'FLIGHTS')).toMatchObject({ definition: { Name: 'flights' } })
  })

  test('UpdateTable drops what it does not name', async () => {
    const glue = glueTwin()
    await glue.createDatabase('d', '')
    await glue.createTable('d', { Name: 't', Description: 'x', Retention: 3 })
    await glue.updateTable('d', { Name: 't' }, '0')
    expect(glue.definition('d', 't')).toEqual({ Name: 't' })
  })
})
