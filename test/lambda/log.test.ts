import type { Context } from 'aws-lambda'
import { expect, test } from '@jest/globals'
import { functionLog } from '../../src/lambda/log.ts'

const HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'

function invocation(awsRequestId: string): Context {
  return { functionName: 'flights-catalog', awsRequestId } as Context
}

function printed(header?: string) {
  const lines: Record<string, unknown>[] = []
  const print = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>)
  return { lines, log: functionLog('landfall-catalog', () => header, print) }
}

test('a line has the request id, the trace id, and whether it was a cold start', () => {
  const { lines, log } = printed(HEADER)
  log.begin(invocation('1'))
  log.info('done', { version: 4, lag: undefined })
  log.begin(invocation('2'))
  log.warn('refused', { code: 'not-a-wake' })
  const common = {
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    service: 'landfall-catalog',
    function_name: 'flights-catalog',
    xray_trace_id: '1-5759e988-bd862e3fe1be46a994272793',
  }
  expect(lines).toEqual([
    { ...common, level: 'INFO', message: 'done', cold_start: true, function_request_id: '1', version: 4 },
    { ...common, level: 'WARN', message: 'refused', cold_start: false, function_request_id: '2', code: 'not-a-wake' },
  ])
  expect(Object.keys(lines[0]!).slice(0, 4)).toEqual(['level', 'message', 'timestamp', 'service'])
})

test('an error is logged with its causes and its other fields', () => {
  const { lines, log } = printed()
  const cause = Object.assign(new TypeError('because'), { $metadata: { httpStatusCode: 400 } })
  log.error('catalog failed', { error: new Error('it failed', { cause }), size: 5n })
  expect(lines[0]).toMatchObject({
    level: 'ERROR',
    size: '5',
    error: {
      name: 'Error',
      message: 'it failed',
      stack: expect.stringContaining('log.test'),
      cause: { name: 'TypeError', message: 'because', $metadata: { httpStatusCode: 400 } },
    },
  })
  expect(lines[0]).not.toHaveProperty('xray_trace_id')
})

test('no field overwrites those of the logger, and a circular value does not throw', () => {
  const { lines, log } = printed()
  const error: Error & { self?: unknown } = new Error('it failed')
  error.cause = error
  const circular: Record<string, unknown> = { level: 'LOUD', at: 3 }
  circular['self'] = circular
  log.info('circular', circular)
  log.error('circular', { error })
  log.info('reserved', { level: 'LOUD', message: 'other' })
  expect(lines).toMatchObject([
    { level: 'INFO', message: 'circular', fields: expect.stringContaining('at: 3') },
    { level: 'ERROR', message: 'circular', fields: expect.stringContaining('it failed') },
    { level: 'INFO', message: 'reserved' },
  ])
})

test('a metric is one line in the embedded metric format', () => {
  const { lines, log } = printed()
  log.metric('CatalogLag', 12, { lake: 'flights', table: 'delays' })
  expect(lines).toEqual([
    {
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: 'Landfall',
            Dimensions: [['service', 'lake', 'table']],
            Metrics: [{ Name: 'CatalogLag', Unit: 'Milliseconds' }],
          },
        ],
      },
      service: 'landfall-catalog',
      lake: 'flights',
      table: 'delays',
      CatalogLag: 12,
    },
  ])
})
