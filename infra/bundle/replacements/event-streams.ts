/**
 * Stands in for `@smithy/core/event-streams` in the bundles: none of our calls streams events (as S3 Select does), and
 * the one dynamic import of it would keep esbuild from shaking what it shares with the rest of the SDK.
 */
export function eventStreamSerdeProvider(): never {
  throw new Error('this bundle was made without event streams: see infra/bundle/options.ts')
}

export const EventStreamSerde = eventStreamSerdeProvider

/** Called by clients that are made, whether they stream or not. */
export function resolveEventStreamSerdeConfig<T>(config: T): T {
  return config
}
