import { inspect } from 'node:util'
import type { Context } from 'aws-lambda'
import type { EpochMs, Milliseconds } from '../core/time.ts'

/** Structured log lines. */
export type Log = Readonly<Record<'info' | 'warn' | 'error', (message: string, fields?: LogFields) => void>>

type LogFields = Readonly<Record<string, unknown>>

/** A function's log: lines of JSON on standard output, with the keys that Powertools for AWS Lambda gives them. */
export interface FunctionLog extends Log {
  /** Call it first in each invocation: the lines after it carry its id. */
  begin(context: Context): void
  /** One metric, in CloudWatch's embedded metric format. The service is one of its dimensions. */
  metric(name: string, ms: Milliseconds, dimensions: Readonly<Record<string, string>>): void
}

/**
 * @param traceHeader read for each line, since Lambda changes it with each invocation
 * @param print not `console.log`: Lambda puts a text before its lines
 */
export function functionLog(
  service: string,
  traceHeader: () => string | undefined,
  print: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
  now: () => EpochMs = Date.now,
): FunctionLog {
  let invocation: LogFields | undefined
  const line =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      const timestamp = new Date(now()).toISOString()
      const [, xray_trace_id] = /Root=([^;]+)/.exec(traceHeader() ?? '') ?? []
      const own = { level, message, timestamp, service, ...invocation, xray_trace_id }
      // First for the reader, and again last so that no field replaces them.
      print(json({ ...own, ...fields, ...own }) ?? JSON.stringify({ ...own, fields: inspect(fields) }))
    }
  return {
    info: line('INFO'),
    warn: line('WARN'),
    error: line('ERROR'),
    begin({ functionName, awsRequestId }) {
      const cold_start = invocation === undefined
      invocation = { cold_start, function_name: functionName, function_request_id: awsRequestId }
    },
    metric(name, ms, dimensions) {
      const about = { service, ...dimensions }
      const Metrics = [{ Name: name, Unit: 'Milliseconds' }]
      const CloudWatchMetrics = [{ Namespace: 'Landfall', Dimensions: [Object.keys(about)], Metrics }]
      print(JSON.stringify({ _aws: { Timestamp: now(), CloudWatchMetrics }, ...about, [name]: ms }))
    },
  }
}

/** `undefined` for a value that refers to itself. */
function json(fields: LogFields): string | undefined {
  try {
    return JSON.stringify(fields, plain)
  } catch {
    return undefined
  }
}

/** JSON has no text for errors and bigints. An error keeps its cause and its other fields. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (!(value instanceof Error)) return value
  const { name, message, stack, cause } = value
  return Object.assign({}, value, { name, message, stack, cause })
}
