import { Refused } from '../errors.ts'
import type { Wake } from '../reactions/reaction.ts'

/** A delivery as it came in: nothing of it is believed or parsed before its source has verified it. */
export interface Delivery {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
}

/** Who may deliver, under a path of its own: a row for each. */
export interface Source {
  /** Bytes. */
  readonly bodyLimit: number
  /** True when the delivery is from whom it says. Constant time in what is secret. */
  verify(delivery: Delivery): Promise<boolean>
  /**
   * The wake-ups that a verified body gives rise to, by reaction. None: a delivery that is about nothing of this lake.
   *
   * @throws {Refused} for a body that is none of this source's
   */
  wakes(body: unknown): readonly { readonly reaction: string; readonly wake: Wake }[]
}

export interface WebhookPorts {
  readonly sources: Readonly<Record<string, Source>>
  /** Puts a wake-up into the queue of a reaction. */
  send(reaction: string, wakes: readonly Wake[]): Promise<void>
  /** What was turned away and why, for the operator alone. */
  note(path: string, code: string, reason: string): void
}

/** Nothing but a status: a stranger learns nothing of what is behind. */
export type Status = 204 | 400 | 401 | 404 | 413

/**
 * Takes a delivery in: verified, parsed, queued, and answered in that order. A sender is told 2xx only once its delivery is
 * queued. What cannot be queued throws, and becomes a 5xx, after which senders deliver again.
 */
export async function receive(
  path: string,
  delivery: Delivery,
  { sources, send, note }: WebhookPorts,
): Promise<Status> {
  const source = Object.hasOwn(sources, path) ? sources[path] : undefined
  if (source === undefined) return turnedAway(404, 'unknown-path', 'no source has this path')
  if (delivery.body.length > source.bodyLimit) return turnedAway(413, 'too-large', `${delivery.body.length} bytes`)
  if (!(await source.verify(delivery))) return turnedAway(401, 'forged', 'the credentials or the signature are wrong')
  try {
    const wakes = source.wakes(parse(delivery.body))
    for (const reaction of new Set(wakes.map((each) => each.reaction)))
      await send(
        reaction,
        wakes.filter((each) => each.reaction === reaction).map(({ wake }) => wake),
      )
    return 204
  } catch (error) {
    if (error instanceof Refused) return turnedAway(400, error.code, error.message)
    throw error
  }

  function turnedAway<S extends Status>(status: S, code: string, reason: string): S {
    note(path.slice(0, 100), code, reason)
    return status
  }
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (cause) {
    throw new Refused('not-json', 'the body is not JSON in UTF-8', {}, { cause })
  }
}
