import { describe, expect, test } from '@jest/globals'
import * as z from 'zod/mini'
import { backOff, type Message, processBatch, type BatchOptions } from '../../src/lambda/batch.ts'
import { Refused } from '../../src/core/refused.ts'
import { notedQueue, quietEdge, sqsEvent } from './function.twin.ts'
import { memoryLedger } from '../core/ledger.twin.ts'

const failing = (id: string) => z.object({ n: z.number() }).parse({ n: Number(id) })

function settling(work: BatchOptions<number>['work']) {
  const ledger = memoryLedger()
  const queue = notedQueue()
  const parser = (body: unknown): number => {
    if (typeof body === 'number') return body
    throw new Refused('not-a-number', `${JSON.stringify(body)} is no number`, { subject: 'here' })
  }
  return { source: 'test', parser: async () => parser, work, ledger, queue, maxReceives: 10 }
}

describe('settling a batch', () => {
  test('one message that fails is delivered again, alone, and those beside it are done', async () => {
    const settled: number[] = []
    const it = settling(async (messages: readonly Message<number>[]) => {
      for (const { value } of messages) if (value !== 2) settled.push(value)
      return new Map(messages.filter(({ value }) => value === 2).map(({ id }) => [id, new Error('throttled')]))
    })
    expect(await processBatch(sqsEvent([1, 2, 3]), quietEdge(), it)).toEqual({
      batchItemFailures: [{ itemIdentifier: '1' }],
    })
    expect(settled).toEqual([1, 3])
    expect(it.queue.delays).toEqual([2])
  })

  test('what is no message is recorded with its reason and acknowledged, the others are carried out', async () => {
    const it = settling(async () => new Map())
    const answer = await processBatch(sqsEvent(['{nonsense', { other: 1 }, 7]), quietEdge(), it)
    expect(answer.batchItemFailures).toEqual([])
    expect((await it.ledger.rejections()).map(({ code, about, count }) => ({ code, about, count }))).toEqual([
      { code: 'not-json', about: 'not-json', count: 1 },
      { code: 'not-a-number', about: 'here', count: 1 },
    ])
  })

  test('what could not even be recorded is not acknowledged', async () => {
    const it = settling(async () => new Map())
    const ledger = { ...it.ledger, reject: () => Promise.reject(new Error('ledger is down')) }
    const answer = await processBatch(sqsEvent(['{nonsense']), quietEdge(), { ...it, ledger })
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: '0' }])
  })

  test('work that throws fails every message of it, none is lost', async () => {
    const it = settling(async () => failing('x') as never)
    expect((await processBatch(sqsEvent([1, 2]), quietEdge(), it)).batchItemFailures).toHaveLength(2)
  })

  test('at its last delivery a message leaves its reason behind, since the dead-letter queue holds only the message', async () => {
    const it = settling(async () => Promise.reject(new Error('AccessDenied: glue:UpdateTable')))
    await processBatch(sqsEvent([1], 10), quietEdge(), it)
    expect(await it.ledger.rejections()).toMatchObject([
      { code: 'gave-up', reason: 'after 10 tries: AccessDenied: glue:UpdateTable' },
    ])
    expect(it.queue.delays).toEqual([])
  })

  test('a back-off that cannot be set leaves the message to the queue’s own time-out', async () => {
    const it = settling(async () => Promise.reject(new Error('throttled')))
    const queue = { delay: () => Promise.reject(new Error('sqs is down')) }
    expect((await processBatch(sqsEvent([1]), quietEdge(), { ...it, queue })).batchItemFailures).toHaveLength(1)
  })

  test('ten deliveries wait out an outage of an hour', () => {
    const waits = Array.from({ length: 9 }, (_, i) => backOff(i + 1))
    expect(waits.slice(0, 6)).toEqual([2, 8, 32, 128, 512, 900])
    expect(waits.reduce((a, b) => a + b)).toBeGreaterThan(3600)
  })
})
