/**
 * Replaces `@smithy/core/event-streams` in bundles. No call of ours streams events (as S3 Select does), and its dynamic import
 * would keep esbuild from tree-shaking the code that it shares with the rest of the SDK.
 */
export function eventStreamSerdeProvider(): never {
  throw new Error('this bundle does not contain event streams: see infra/bundle/options.ts')
}

export const EventStreamSerde = eventStreamSerdeProvider

/** Every client calls this when it is created, whether it streams or not. */
export function resolveEventStreamSerdeConfig<T>(config: T): T {
  return config
}
