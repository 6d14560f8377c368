/** CloudWatch alarms on the fleet of one endpoint configuration. Adapter: `src/reactions/deployment/aws/alarms.ts`; twin: `test/reactions/deployment/alarms.twin.ts`. */
export interface Alarms {
  /** Makes them or, where they are there, sets them so. */
  put(alarms: readonly AlarmSpec[]): Promise<void>
  /** Gone already is fine. */
  remove(names: readonly string[]): Promise<void>
}

/**
 * Fires when `metric` of the variant, of the fleet of `config` alone, is above `limit` for a minute (CloudWatch metrics of
 * SageMaker, dimension EndpointConfigName). Silence is no alarm.
 */
export interface AlarmSpec {
  readonly name: string
  readonly endpoint: string
  readonly config: string
  readonly metric: AlarmMetric
  readonly limit: number
}

/**
 * - `errors`: Invocation5XXErrors, `rejected`: Invocation4XXErrors; average, hence a share from 0 to 1.
 * - `latency`: ModelLatency, p99, in microseconds.
 */
export const alarmMetrics = ['errors', 'rejected', 'latency'] as const
export type AlarmMetric = (typeof alarmMetrics)[number]
