import { describe, expect, test } from '@jest/globals'
import type { Lake } from '../../src/lake/lake.ts'
import { lakeOfModels, lakeWithFilesInCatalog, lakeWithJobs, lakeWithModels, model } from './lakes.ts'
import { resources } from './rights.ts'

interface Statement {
  readonly Effect: string
  readonly Principal?: { readonly Service?: string } | '*'
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** Every statement of every policy in the templates of different lakes, with where it is. */
const statements = [
  lakeWithJobs(2),
  lakeWithFilesInCatalog(2),
  wholeBuckets(lakeWithFilesInCatalog(2)),
  lakeOfModels(3),
  { ...lakeWithJobs(2), ...lakeWithModels([model('delay'), model('gates', 'sagemaker')]) },
].flatMap((lake) => Object.entries(resources(lake)).flatMap(([id, { Properties }]) => found(Properties, id)))

function found(value: unknown, at: string): { readonly at: string; readonly statement: Statement }[] {
  if (typeof value !== 'object' || value === null) return []
  const own = 'Effect' in value ? [{ at, statement: value as Statement }] : []
  return [...own, ...Object.entries(value).flatMap(([key, inner]) => found(inner, `${at}.${key}`))]
}

/** The lake, with each table in a bucket of its own and without a prefix. */
function wholeBuckets(lake: Lake): Lake {
  const tables = Object.entries(lake.tables).map(([name, table], i) => [
    name,
    { ...table, location: { bucket: `flights-${i}`, prefix: '' } },
  ])
  return { ...lake, tables: Object.fromEntries(tables) as Lake['tables'] }
}

describe('conditions of policies', () => {
  test('there are statements to look at, of roles, of their trust and of queues', () => {
    for (const part of ['Policies', 'AssumeRolePolicyDocument', 'PolicyDocument'])
      expect(statements.filter(({ at }) => at.includes(part)).length).toBeGreaterThan(10)
  })

  test('ForAllValues, which is true of a request without the key, demands that the key is there', () => {
    const sets = statements.flatMap(({ at, statement: { Condition = {} } }) =>
      Object.entries(Condition)
        .filter(([operator]) => operator.startsWith('ForAllValues:'))
        .flatMap(([, keys]) => Object.keys(keys).map((key) => ({ at, key, demanded: Condition['Null']?.[key] }))),
    )
    expect(sets.length).toBeGreaterThan(0)
    expect(sets.filter(({ demanded }) => demanded !== 'false')).toEqual([])
  })

  test('a condition that every value meets is not there', () => {
    for (const { at, statement } of statements)
      for (const values of Object.values(statement.Condition ?? {}).flatMap((keys) => Object.values(keys)))
        expect([at, [values].flat().includes('*')]).toEqual([at, false])
  })

  test('a service is trusted only on behalf of this account, so that no other customer can use it as a deputy', () => {
    const trusting = statements.filter(
      ({ statement: { Principal } }) => typeof Principal === 'object' && Principal.Service !== 'lambda.amazonaws.com',
    )
    expect(new Set(trusting.map(({ statement }) => (statement.Principal as { Service: string }).Service))).toEqual(
      new Set(['events.amazonaws.com', 'codebuild.amazonaws.com', 'sagemaker.amazonaws.com']),
    )
    for (const { at, statement } of trusting) {
      const keys = Object.values(statement.Condition ?? {}).flatMap((each) => Object.keys(each))
      expect([at, keys]).toEqual([at, expect.arrayContaining(['aws:SourceArn'])])
    }
  })
})
