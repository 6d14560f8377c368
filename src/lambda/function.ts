import { Logger } from '@aws-lambda-powertools/logger'
import type { LogAttributes } from '@aws-lambda-powertools/logger/types'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import type { Metrics } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { type Config, readConfig, traceHeader } from './config.ts'
import { type Tracer, tracer } from './trace.ts'

/** Structured lines: Powertools' logger, or a test's. */
export type Log = Readonly<Record<'info' | 'warn' | 'error', (message: string, fields?: LogAttributes) => void>>

/** What every function is given beside its event. */
export interface FunctionContext {
  readonly config: Config
  readonly log: Log
  /** Publishes how long after its commit a version was done, in ms. */
  lag(reaction: string, lake: string, table: string, ms: number): Promise<void>
  readonly tracer: Tracer
  /** ms since the epoch. */
  now(): number
}

export type Handler<E, R> = (event: E, context: Context) => Promise<R>

/**
 * Wraps what a function does into what Lambda calls: structured logs, metrics, traces, and a line an invocation.
 *
 * `build` runs once a container, at the first event; what it made is kept only when it succeeded, so that a throttled
 * secret or a missing file does not poison the container.
 */
export function lambda<E, R>(
  name: string,
  build: (edge: FunctionContext) => Promise<Handler<E, R>> | Handler<E, R>,
): Handler<E, R> {
  const log = new Logger({ serviceName: `landfall-${name}` })
  // Loaded with the first figure, since most functions have none and every cold start would pay for it.
  const metrics = once(async () => {
    const { Metrics } = await import('@aws-lambda-powertools/metrics')
    return new Metrics({ namespace: 'Landfall', serviceName: `landfall-${name}` })
  })
  const work = once(async () => {
    const config = readConfig()
    const { xrayDaemon } = config
    return build({
      config,
      log: {
        info: (message, fields = {}) => log.info(message, fields),
        warn: (message, fields = {}) => log.warn(message, fields),
        error: (message, fields = {}) => log.error(message, fields),
      },
      lag: async (reaction, lake, table, ms) => measureLag(await metrics(), reaction, lake, table, ms),
      now: Date.now,
      tracer: tracer({
        ...(xrayDaemon === undefined ? {} : { daemon: xrayDaemon }),
        header: traceHeader,
        now: Date.now,
      }),
    })
  })
  const handler = middy<E, R>()
    .use(injectLambdaContext(log, { resetKeys: true }))
    .handler(async (event, context) => {
      const began = Date.now()
      try {
        return await (
          await work()
        )(event, context)
      } catch (error) {
        log.error(`${name} failed`, { error })
        throw error
      } finally {
        log.info(name, { took: Date.now() - began })
      }
    })
  return (event, context) => handler(event, context)
}

/** Each goes out at once, as one line. One metric for the lake, which the alarm watches, and one for the table, which says where to look. */
function measureLag(metrics: Metrics, reaction: string, lake: string, table: string, ms: number): void {
  const name = `${reaction.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}Lag`
  for (const dimensions of [{ lake }, { lake, table }] as Record<string, string>[]) {
    const metric = metrics.singleMetric()
    metric.addDimensions(dimensions)
    metric.addMetric(name, 'Milliseconds', ms)
  }
}

/** Calls `make` until it has succeeded once, and at most once at a time. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}
