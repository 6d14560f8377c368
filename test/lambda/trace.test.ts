import { createSocket } from 'node:dgram'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parseDaemon, parseHeader, tracer } from '../../src/lambda/trace.ts'

const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'

describe('a span', () => {
  const daemon = createSocket('udp4')
  const received: string[] = []
  let address = ''
  beforeAll(
    () =>
      new Promise<void>((resolve) => {
        daemon.on('message', (message) => received.push(message.toString()))
        daemon.bind(0, '127.0.0.1', () => {
          address = `127.0.0.1:${daemon.address().port}`
          resolve()
        })
      }),
  )
  afterAll(() => new Promise<void>((resolve) => daemon.close(() => resolve())))

  const next = async (count: number) => {
    while (received.length < count) await new Promise((resolve) => setTimeout(resolve, 5))
    return received.splice(0).map((datagram) => datagram.split('\n').map((line) => JSON.parse(line) as object))
  }

  test('reaches the daemon as a subsegment of the invocation, with its annotations, even if the work failed', async () => {
    const { span } = tracer({ daemon: address, header: () => header, now: () => 2_000 })
    expect(await span('catalog', { subject: 'table/a' }, async () => 7)).toBe(7)
    await expect(span('catalog', {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    const [good, bad] = await next(2)
    expect(good).toEqual([
      { format: 'json', version: 1 },
      expect.objectContaining({
        name: 'catalog',
        type: 'subsegment',
        trace_id: '1-5759e988-bd862e3fe1be46a994272793',
        parent_id: '53995c3f42cd8ad8',
        id: expect.stringMatching(/^[0-9a-f]{16}$/),
        start_time: 2,
        end_time: 2,
        annotations: { subject: 'table/a' },
      }),
    ])
    expect(bad?.[1]).toMatchObject({ fault: true })
  })

  test('does nothing without a daemon, a trace header or a sampled trace', async () => {
    for (const settings of [{}, { daemon: address }])
      expect(await tracer({ ...settings, header: () => undefined, now: () => 0 }).span('x', {}, async () => 1)).toBe(1)
    expect(parseHeader(header.replace('Sampled=1', 'Sampled=0'))).toBeUndefined()
    expect(parseHeader('nonsense')).toBeUndefined()
    expect(received).toEqual([])
  })

  test.each([
    ['169.254.79.129:2000', { host: '169.254.79.129', port: 2000 }],
    ['tcp:127.0.0.1:2000 udp:127.0.0.2:2001', { host: '127.0.0.2', port: 2001 }],
    ['nonsense', undefined],
  ])('finds the daemon in %s', (text, found) => {
    expect(parseDaemon(text)).toEqual(found)
  })
})
