import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import type { SQSEvent } from 'aws-lambda'
import { parseWake } from '../src/core/messages.ts'
import { toObjectEvents } from '../src/intake/s3/s3-event.ts'
import { resolveLake } from '../src/reactions/declaration/resolve.ts'
import type { Wake } from '../src/core/reaction.ts'
import type { Lake } from '../src/lake/lake.ts'
import { reactions, subjectsOf } from '../src/reactions/index.ts'
import { sweep } from '../src/reactions/sweep.ts'
import { parseCommitKey } from '../src/tables/delta/names.ts'
import { update } from '../scripts/schemas.ts'

const root = new URL('../', import.meta.url)
const text = (path: string) => readFile(new URL(path, root), 'utf8')
const sample = async (name: string) => JSON.parse(await text(`events/${name}.json`)) as unknown
const body = async (name: string) => JSON.parse(((await sample(name)) as SQSEvent).Records[0]?.body ?? '') as unknown

describe('the generated files', () => {
  test('schemas/ and docs/lake.md are up to date', async () => {
    expect(await update(false)).toEqual([])
  })
})

describe('the samples in events/', () => {
  test.each(reactions.map(({ name }) => name))('%s: is valid, and wakes a subject of the reaction', async (name) => {
    const parse = await parserOf(name)
    const subjects = parse(await body(name)).map(({ subject }) => subject)
    expect(subjects.length).toBeGreaterThan(0)
    expect(subjectsOf(name, lake)).toEqual(expect.arrayContaining(subjects))
  })

  test('commits and files: are about tables of the lake', async () => {
    const [{ bucket, key } = { bucket: '', key: '' }] = toObjectEvents(await body('commits'))
    expect(lake.tables['flights']?.location).toEqual({ bucket, prefix: parseCommitKey(key)?.tablePrefix })
    expect(toObjectEvents(await body('files'))).toMatchObject([
      { type: 'created', key: expect.stringMatching(/^uploads\//) },
    ])
  })

  test('sweep: wakes every subject of every reaction', async () => {
    const queues = Object.fromEntries(reactions.map(({ name }) => [name, 'q']))
    const swept = await sweep(await sample('sweep'), lake, queues, async () => {})
    expect(swept).toEqual(Object.fromEntries(reactions.map(({ name }) => [name, subjectsOf(name, lake).length])))
  })
})

const lake = await exampleLake()

async function exampleLake(): Promise<Lake> {
  const resolved = resolveLake(await text('lake.yml'), 'lake.yml', 'local')
  if (!('lake' in resolved)) throw new Error('lake.yml has problems')
  return resolved.lake
}

/** The parser of a reaction's messages: its own, or the one that reactions to tables share. */
async function parserOf(name: string): Promise<(body: unknown) => readonly Wake[]> {
  const own = `src/reactions/${name}/messages.ts`
  if (!existsSync(new URL(own, root))) return (message) => [parseWake(message)]
  const { parser } = (await import(new URL(own, root).href)) as {
    parser(lake: Lake): (body: unknown) => readonly Wake[]
  }
  return parser(lake)
}
