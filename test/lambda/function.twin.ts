import type { SQSEvent } from 'aws-lambda'
import type { Queue } from '../../src/core/queue.ts'
import type { FunctionContext } from '../../src/lambda/function.ts'

/** The context of a function, recorded for a test to read. */
interface QuietContext extends FunctionContext {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: unknown }[]
  readonly lags: { readonly reaction: string; readonly table: string; readonly ms: number }[]
}

export function quietContext(now: () => number = () => 1_000): QuietContext {
  const lines: QuietContext['lines'] = []
  const lags: QuietContext['lags'] = []
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
    lag: (reaction, _lake, table, ms) => void lags.push({ reaction, table, ms }),
    tracer: { span: (_name, _annotations, work) => work() },
    now,
    lines,
    lags,
  }
}

/** A queue that only records the delays. */
export function notedQueue(): Queue & { readonly delays: number[] } {
  const delays: number[] = []
  return { delays, delay: async (_arn, _receipt, seconds) => void delays.push(seconds) }
}

/** A batch as Lambda gets it from SQS; message ids are the positions of the bodies. */
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
      eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:commits',
      awsRegion: 'us-east-1',
    })),
  }
}
