import type { SQSEvent } from 'aws-lambda'
import type { Queue } from '../../src/core/queue.ts'
import type { FunctionContext } from '../../src/lambda/function.ts'

/** What a function is given at its edge, kept for a test to read. */
export interface QuietEdge extends FunctionContext {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: unknown }[]
  readonly lags: { readonly reaction: string; readonly table: string; readonly ms: number }[]
}

export function quietEdge(now: () => number = () => 1_000): QuietEdge {
  const lines: QuietEdge['lines'] = []
  const lags: QuietEdge['lags'] = []
  const log = (level: string) => (message: unknown, fields?: unknown) => {
    lines.push({ level, message: String(message), fields })
  }
  return {
    config: {
      lakeFile: 'lake.json',
      ledgerTable: 'ledger',
      busName: 'bus',
      queues: {},
      maxReceives: 10,
      codeRoot: '/',
    },
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    lag: async (reaction, _lake, table, ms) => void lags.push({ reaction, table, ms }),
    tracer: { span: (_name, _annotations, work) => work() },
    now,
    lines,
    lags,
  }
}

/** A queue that only notes who was told to wait, and how long. */
export function notedQueue(): Queue & { readonly delays: number[] } {
  const delays: number[] = []
  return { delays, delay: async (_arn, _receipt, seconds) => void delays.push(seconds) }
}

/** A batch as SQS hands it to a function; message ids are the bodies' positions. */
export function sqsEvent(bodies: readonly unknown[], receives = 1): SQSEvent {
  return {
    Records: bodies.map((body, i) => ({
      messageId: String(i),
      receiptHandle: `receipt-${i}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes: {
        ApproximateReceiveCount: String(receives),
        SentTimestamp: '0',
        SenderId: 'x',
        ApproximateFirstReceiveTimestamp: '0',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:landing',
      awsRegion: 'us-east-1',
    })),
  }
}
