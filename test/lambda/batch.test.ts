import { describe, expect, test } from '@jest/globals'
import * as z from 'zod/mini'
import { backOff, type Message, processBatch, type BatchOptions } from '../../src/lambda/batch.ts'
import { Refused } from '../../src/core/refused.ts'
import { notedQueue, quietContext, sqsEvent } from './function.twin.ts'
import { memoryLedger } from '../core/ledger.twin.ts'

const failing = (id: string) => z.object({ n: z.number() }).parse({ n: Number(id) })

function batchOptions(work: BatchOptions<number>['work']) {
  const ledger = memoryLedger()
  const queue = notedQueue()
  const parser = (body: unknown): number => {
    if (typeof body === 'number') return body
    throw new Refused('not-a-number', `${JSON.stringify(body)} is not a number`, { subject: 'here' })
  }
  return { source: 'test', parser: async () => parser, work, ledger, queue, maxReceives: 10 }
}

describe('a batch', () => {
  test('redelivers only the message that fails', async () => {
    const done: number[] = []
    const it = batchOptions(async (messages: readonly Message<number>[]) => {
      for (const { value } of messages) if (value !== 2) done.push(value)
      return new Map(messages.filter(({ value }) => value === 2).map(({ id }) => [id, new Error('throttled')]))
    })
    expect(await processBatch(sqsEvent([1, 2, 3]), quietContext(), it)).toEqual({
      batchItemFailures: [{ itemIdentifier: '1' }],
    })
    expect(done).toEqual([1, 3])
    expect(it.queue.delays).toEqual([2])
  })

  test('records and acknowledges an invalid message, and processes the others', async () => {
    const it = batchOptions(async () => new Map())
    const answer = await processBatch(sqsEvent(['{nonsense', { other: 1 }, 7]), quietContext(), it)
    expect(answer.batchItemFailures).toEqual([])
    expect((await it.ledger.rejections()).map(({ code, about, count }) => ({ code, about, count }))).toEqual([
      { code: 'not-json', about: 'not-json', count: 1 },
      { code: 'not-a-number', about: 'here', count: 1 },
    ])
  })

  test('does not acknowledge an invalid message that could not be recorded', async () => {
    const it = batchOptions(async () => new Map())
    const ledger = { ...it.ledger, reject: () => Promise.reject(new Error('ledger is down')) }
    const answer = await processBatch(sqsEvent(['{nonsense']), quietContext(), { ...it, ledger })
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: '0' }])
  })

  test('fails every message if the work throws', async () => {
    const it = batchOptions(async () => failing('x') as never)
    expect((await processBatch(sqsEvent([1, 2]), quietContext(), it)).batchItemFailures).toHaveLength(2)
  })

  test('records the reason at the last delivery, since the dead-letter queue holds only the message', async () => {
    const it = batchOptions(async () => Promise.reject(new Error('AccessDenied: glue:UpdateTable')))
    await processBatch(sqsEvent([1], 10), quietContext(), it)
    expect(await it.ledger.rejections()).toMatchObject([
      { code: 'gave-up', reason: 'after 10 tries: AccessDenied: glue:UpdateTable' },
    ])
    expect(it.queue.delays).toEqual([])
  })

  test('leaves a message to the visibility timeout if its back-off cannot be set', async () => {
    const it = batchOptions(async () => Promise.reject(new Error('throttled')))
    const queue = { delay: () => Promise.reject(new Error('sqs is down')) }
    expect((await processBatch(sqsEvent([1]), quietContext(), { ...it, queue })).batchItemFailures).toHaveLength(1)
  })

  test('outlasts an outage of an hour with ten deliveries', () => {
    const waits = Array.from({ length: 9 }, (_, i) => backOff(i + 1))
    expect(waits.slice(0, 6)).toEqual([2, 8, 32, 128, 512, 900])
    expect(waits.reduce((a, b) => a + b)).toBeGreaterThan(3600)
  })
})
