import type { Wake } from '../../core/reaction.ts'
import type { EpochMs } from '../../core/time.ts'
import type { Lake } from '../../lake/lake.ts'

/** A delivery as it arrived: nothing in it is trusted or parsed before its source has verified it. */
export interface Delivery {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The exact bytes that were sent: signatures cover these. */
  readonly body: Uint8Array
}

/** `stale`: sent so long ago, or so far in the future, that it may be a replay. */
type Verdict = 'genuine' | 'forged' | 'stale'

export interface WakeRequest {
  readonly reaction: string
  readonly wake: Wake
}

/** What a verified body means. */
export interface ParsedDelivery {
  /** Empty: the delivery concerns nothing in this lake. */
  readonly wakes: readonly WakeRequest[]
  /** When it was sent, for a source that says so only in the body. It has to be fresh, too. */
  readonly sent?: EpochMs
}

/** A sender, with a path of its own. */
export interface Source {
  /**
   * Whether the sender is who it claims to be. Secrets are compared in constant time, and read only if the headers have the
   * form that this source's sender uses.
   *
   * @throws {Refused} if its secret is unusable; any other error if the secret cannot be read at the moment
   */
  verify(delivery: Delivery): Promise<Verdict>
  /** @throws {Refused} for a body that this source does not send */
  read(body: unknown): ParsedDelivery
  /** Identifies a verified delivery, so that a repeated one is ignored. Absent: the source has no ids, and each delivery counts. */
  id?(delivery: Delivery): string
}

/** Sources by their paths. */
export type Sources = Readonly<Record<string, Source>>

/** What a reaction adds to the webhook function. */
export interface ReactionWebhooks {
  /** Name of the reaction that the deliveries wake. */
  readonly reaction: string
  /** Names of the secrets that its deliveries are verified with. Empty: this lake has no sender for the reaction. */
  secrets(lake: Lake): readonly string[]
  /** Whether its deliveries have ids, which are remembered in the ledger's table. */
  readonly remembered: boolean
  sources(lake: Lake, secrets: WebhookSecrets, now: () => EpochMs): Sources
}

/**
 * Asks `holds` about a source's secrets: the current one and, during a rotation, the one before or after it. If they do not
 * hold, `holds` may be called once more, with the secrets that a rotation has brought since.
 */
export type Signing = (holds: (secrets: readonly string[]) => boolean) => Promise<boolean>

/** What deliveries are verified with, by the name of a secret. The adapter is in `src/intake/webhook/secrets.ts`. */
export interface WebhookSecrets {
  signing(secret: string): Signing
  /** Compares `user:password` with the credentials of the lake's notification destination. */
  credentials(secret: string): (given: Uint8Array) => Promise<boolean>
}

/**
 * Which deliveries were queued already. Each is remembered for as long as its signature is fresh; after that it is rejected
 * as stale. The DynamoDB adapter is in `src/intake/webhook/aws/deliveries.ts`, the twin in
 * `test/intake/webhook/deliveries.twin.ts`.
 *
 * `path` is the source's path; an `id` is unique within it.
 */
export interface Deliveries {
  known(path: string, id: string): Promise<boolean>
  /** It may be forgotten from `until` on. */
  remember(path: string, id: string, until: EpochMs): Promise<void>
}

export interface WebhookPorts {
  readonly sources: Sources
  readonly deliveries: Deliveries
  /** Puts wake-ups into the queue of a reaction. */
  send(reaction: string, wakes: readonly Wake[]): Promise<void>
  /** Logs for the operator why a delivery was rejected, or could not be remembered. The sender never sees it. */
  note(path: string, code: string, reason: string): void
  now(): EpochMs
}
