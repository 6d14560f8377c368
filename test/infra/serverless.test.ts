import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { functionsOf } from '../../infra/functions.ts'
import { queueTimeouts } from '../../infra/queues.ts'
import { roles } from '../../infra/roles.ts'
import { stack } from '../../infra/stack.ts'
import { lakeWithFilesInCatalog, lakeWithJobs, lakeWithModels, model } from './lakes.ts'

const root = new URL('../../', import.meta.url)

interface Sqs {
  /** A reference in YAML's short form, or as infra/ writes it. */
  readonly arn: string | { readonly 'Fn::GetAtt': readonly string[] }
  readonly functionResponseType: string
  readonly maximumConcurrency?: number | string
}

interface Entry {
  readonly handler: string
  readonly role: string
  readonly timeout: number
  readonly events?: readonly { readonly sqs?: Sqs; readonly httpApi?: unknown }[]
}

const yml = parse(await readFile(new URL('serverless.yml', root), 'utf8'), {
  customTags: [{ tag: '!GetAtt', resolve: (text: string) => text }],
}) as { functions: [Readonly<Record<string, Entry>>, unknown]; provider: { runtime: string; architecture: string } }
const jobs = lakeWithJobs(1, { buckets: { lake: { name: 'flights-lake', existing: true } } })
const { models, registries } = lakeWithModels([model('delay')])
const full = {
  ...jobs,
  models,
  registries,
  tables: { ...lakeWithFilesInCatalog(1).tables, ...jobs.tables },
}
const functions = Object.entries<Pick<Entry, 'handler' | 'role' | 'timeout' | 'events'>>({
  ...yml.functions[0],
  ...(functionsOf(full, (values) => values) as Readonly<Record<string, Entry>>),
})
const logicalId = ({ arn }: Sqs) => (typeof arn === 'string' ? arn.replace('.Arn', '') : (arn['Fn::GetAtt'][0] ?? ''))

describe('serverless.yml', () => {
  test.each(functions)('%s: its handler exists', async (_name, { handler }) => {
    const [file = '', symbol = ''] = handler.split('.')
    const module = (await import(new URL(`${file}.ts`, root).href)) as Record<string, unknown>
    expect(typeof module[symbol]).toBe('function')
  })

  test.each(functions)('%s: has a sample event, for serverless invoke local', (name) => {
    expect(existsSync(new URL(`events/${name}.json`, root))).toBe(true)
  })

  test.each(functions)('%s: has a role of its own in the stack', (name, { role }) => {
    expect(Object.keys(roles(full))).toContain(role)
    expect(functions.filter(([other, entry]) => other !== name && entry.role === role)).toEqual([])
  })

  test('the visibility timeout of each queue is six times its function’s timeout', () => {
    const fed = functions.filter(([, { events }]) => events?.some(({ sqs }) => sqs !== undefined))
    expect(Object.fromEntries(fed.map(([name, { timeout }]) => [name, timeout]))).toEqual(queueTimeouts(full))
    const { Resources } = stack(full, { functions: [] })
    for (const [, { timeout, events = [] }] of fed) {
      const queue = Resources[logicalId(events[0]!.sqs!)]
      expect(queue?.Properties['VisibilityTimeout']).toBe(6 * timeout)
    }
  })

  test('a backlog in a queue never takes all concurrent executions that the account has', () => {
    const fed = functions.flatMap(([name, { events = [] }]) =>
      events.flatMap(({ sqs }) => (sqs ? [{ name, sqs }] : [])),
    )
    expect(fed.length).toBeGreaterThan(5)
    expect(fed.filter(({ sqs }) => sqs.maximumConcurrency === undefined)).toEqual([])
  })

  test('a bad message does not fail the rest of its batch', () => {
    for (const [, { events = [] }] of functions)
      for (const { sqs } of events)
        if (sqs !== undefined) expect(sqs.functionResponseType).toBe('ReportBatchItemFailures')
  })
})
