import { readFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import type { SQSEvent } from 'aws-lambda'
import { parseWake } from '../src/core/messages.ts'
import { deploymentParser } from '../src/reactions/deployment/messages.ts'
import { toObjectEvents } from '../src/intake/s3/s3-event.ts'
import { resolveLake } from '../src/reactions/declaration/resolve.ts'
import { sweep } from '../src/reactions/sweep.ts'
import { parseCommitKey } from '../src/tables/delta/index.ts'
import { update } from '../scripts/schemas.ts'

const root = new URL('../', import.meta.url)
const text = (path: string) => readFile(new URL(path, root), 'utf8')
const sample = async (name: string) => JSON.parse(await text(`events/${name}.json`)) as unknown
const body = async (name: string) => JSON.parse(((await sample(name)) as SQSEvent).Records[0]?.body ?? '') as unknown

describe('the files made from code', () => {
  test('schemas/ and docs/lake.md are as the code says', async () => {
    expect(await update(false)).toEqual([])
  })
})

describe('the samples in events/', () => {
  test('are taken by the doors of the functions that they are for, and are about the example lake', async () => {
    const resolved = resolveLake(await text('lake.yml'), 'lake.yml', 'local')
    if (!('lake' in resolved)) throw new Error('lake.yml has problems')
    const { lake } = resolved
    const [{ bucket, key } = { bucket: '', key: '' }] = toObjectEvents(await body('commits'))
    expect(lake.tables['flights']?.location).toEqual({ bucket, prefix: parseCommitKey(key)?.tablePrefix })
    expect(toObjectEvents(await body('files'))).toMatchObject([
      { type: 'created', key: expect.stringMatching(/^uploads\//) },
    ])
    expect(parseWake(await body('catalog'))).toEqual({ subject: 'table/flights', version: 0 })
    expect(parseWake(await body('job'))).toEqual({ subject: 'table/uploads', version: 0 })
    expect(lake.tables['uploads']?.job).toBeDefined()
    expect(deploymentParser(lake)(await body('deployment'))).toEqual([{ subject: 'endpoint/flights-delay' }])
    const queues = { catalog: 'q', 'catalog-files': 'q', job: 'q', deployment: 'q' }
    expect(await sweep(await sample('sweep'), lake, queues, async () => {})).toEqual({
      catalog: 3,
      'catalog-files': 1,
      job: 1,
      deployment: 1,
    })
  })
})
