import { describe, expect, test } from '@jest/globals'
import type { Lake } from '../../src/lake/lake.ts'
import type { Wake } from '../../src/core/reaction.ts'
import { sweep } from '../../src/reactions/sweep.ts'

const table = (name: string, catalog: boolean): Lake['tables'][string] => ({
  name,
  location: { bucket: 'lake', prefix: name },
  format: 'delta',
  partitions: [],
  ...(catalog ? { catalog: { database: 'd', table: name } } : {}),
})
const lake = {
  name: 'flights',
  models: {},
  tables: { a: table('a', true), b: table('b', true), plain: table('plain', false) },
}
const queues = { catalog: 'https://queue/catalog' }

async function swept(event: unknown, urls: Readonly<Record<string, string>> = queues) {
  const sent: [string, readonly Wake[]][] = []
  const answer = await sweep(event, lake, urls, async (queue, wakes) => void sent.push([queue, wakes]))
  return { answer, sent }
}

describe('the sweep', () => {
  test('sends a full wake-up for every subject of every reaction, and for no other subject', async () => {
    const { answer, sent } = await swept({ 'detail-type': 'Scheduled Event', source: 'aws.events' })
    expect(answer).toEqual({ catalog: 2 })
    expect(sent).toEqual([
      [
        'https://queue/catalog',
        [
          { subject: 'table/a', full: true },
          { subject: 'table/b', full: true },
        ],
      ],
    ])
  })

  test('wakes only the subject that the event names', async () => {
    const { sent } = await swept({ subject: 'table/b' })
    expect(sent).toEqual([['https://queue/catalog', [{ subject: 'table/b', full: true }]]])
  })

  test('fails if the lake has no such subject, or if the deploy lacks the queue', async () => {
    await expect(swept({ subject: 'table/nope' })).rejects.toThrow("the lake flights has no subject 'table/nope'")
    await expect(swept({}, {})).rejects.toThrow("the reaction 'catalog' has no queue")
    await expect(swept({ subject: 7 })).rejects.toThrow(/subject of a sweep/)
  })
})
