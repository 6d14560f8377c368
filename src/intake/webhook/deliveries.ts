/**
 * Which deliveries were queued already, each for as long as its signature is fresh; after that it is refused as stale. The
 * DynamoDB adapter is in `src/intake/webhook/aws/deliveries.ts`, the twin in `test/intake/webhook/deliveries.twin.ts`.
 *
 * `path` is the source's; ids are its own.
 */
export interface Deliveries {
  known(path: string, id: string): Promise<boolean>
  /** `until` in ms since the epoch: from then on it may be forgotten. */
  remember(path: string, id: string, until: number): Promise<void>
}
