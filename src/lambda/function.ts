import type { Context } from 'aws-lambda'
import type { EpochMs, Milliseconds } from '../core/time.ts'
import { lagMetric } from '../lake/resource-names.ts'
import { once } from '../core/once.ts'
import { type Config, readConfig, traceHeader } from './config.ts'
import { type FunctionLog, functionLog, type Log } from './log.ts'
import { type Tracer, tracer } from './trace.ts'

/** What every function gets beside its event. */
export interface FunctionContext {
  readonly config: Config
  readonly log: Log
  /** Publishes how long after its commit a version was done. */
  lag(reaction: string, lake: string, table: string, lag: Milliseconds): void
  readonly tracer: Tracer
  now(): EpochMs
}

export type Handler<E, R> = (event: E, context: Context) => Promise<R>

/**
 * Makes a Lambda handler: structured logs, metrics, traces, and one line for each invocation.
 *
 * `build` runs once per container, at the first event. Its result is kept only if it succeeded: a throttled secret or a
 * missing file must not break the container for good.
 */
export function lambda<E, R>(
  name: string,
  build: (context: FunctionContext) => Promise<Handler<E, R>> | Handler<E, R>,
): Handler<E, R> {
  const log = functionLog(`landfall-${name}`, traceHeader)
  const work = once(async () => {
    const config = readConfig()
    return build({
      config,
      log,
      lag: (reaction, lake, table, lag) => measureLag(log, reaction, lake, table, lag),
      now: Date.now,
      tracer: tracer({ daemon: config.xrayDaemon, header: traceHeader, now: Date.now }),
    })
  })
  return async (event, context) => {
    log.begin(context)
    const began = Date.now()
    try {
      const run = await work()
      return await run(event, context)
    } catch (error) {
      log.error(`${name} failed`, { error })
      throw error
    } finally {
      log.info(name, { took: Date.now() - began })
    }
  }
}

/** One metric for the lake, which the alarm watches, and one for the table, which says where to look. */
function measureLag({ metric }: FunctionLog, reaction: string, lake: string, table: string, lag: Milliseconds): void {
  const name = lagMetric(reaction)
  metric(name, lag, { lake })
  metric(name, lag, { lake, table })
}
