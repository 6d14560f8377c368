import { Refused } from '../../core/refused.ts'
import { isFresh, DEDUPLICATION_WINDOW } from './freshness.ts'
import type { Delivery, ParsedDelivery, Source, Verdict, WakeRequest, WebhookPorts } from './ports.ts'

/** Nothing but a status: a stranger learns nothing of what is behind. */
export type Status = 204 | 400 | 401 | 413

const unproven: Readonly<Record<Exclude<Verdict, 'genuine'>, string>> = {
  forged: 'the credentials or the signature are wrong, or missing',
  stale: 'it was not sent within 300 s of now: a replay, or a clock that is wrong',
}

/**
 * Takes a delivery in: verified, parsed, queued, and answered in that order. A sender is told 2xx only once its delivery is
 * queued. What cannot be queued throws, and becomes a 5xx, after which senders deliver again.
 */
export async function receive(path: string, delivery: Delivery, ports: WebhookPorts): Promise<Status> {
  const source = Object.hasOwn(ports.sources, path) ? ports.sources[path] : undefined
  // What sources there are is no stranger's business.
  if (source === undefined) return rejected(401, 'unknown-path', 'no source has this path')
  if (delivery.body.length > source.bodyLimit) return rejected(413, 'too-large', `${delivery.body.length} bytes`)
  const verdict = await source.verify(delivery).catch(refusal)
  if (verdict instanceof Refused) return rejected(401, verdict.code, verdict.message)
  if (verdict !== 'genuine') return rejected(401, verdict, unproven[verdict])
  const news = parseDelivery(source, delivery.body)
  if (news instanceof Refused) return rejected(400, news.code, news.message)
  if (news.sent !== undefined && !isFresh(news.sent, ports.now())) return rejected(401, 'stale', unproven.stale)
  if (news.wakes.length > 0) await queueOnce(path, source.id?.(delivery), news.wakes, ports)
  return 204

  function rejected<S extends Status>(status: S, code: string, reason: string): S {
    ports.note(path.slice(0, 100), code, reason)
    return status
  }
}

/** Where there is nothing to verify with, nothing is genuine. */
function refusal(error: unknown): Refused {
  if (error instanceof Refused) return error
  throw error
}

function parseDelivery(source: Source, body: Uint8Array): ParsedDelivery | Refused {
  try {
    return source.read(parse(body))
  } catch (error) {
    if (error instanceof Refused) return error
    throw error
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body))
  } catch (cause) {
    throw new Refused('not-json', 'the body is not JSON in UTF-8', {}, { cause })
  }
}

/**
 * A delivery counts once: those that senders repeat find themselves known. Remembered only after it is queued, so that a
 * crash in between counts it twice and never not at all; a wake-up too many finds nothing to do, which is also why a memory
 * that cannot be asked holds nothing up.
 */
async function queueOnce(
  path: string,
  id: string | undefined,
  wakes: readonly WakeRequest[],
  { send, deliveries, note, now }: WebhookPorts,
): Promise<void> {
  const unremembered = (error: unknown) => {
    note(path, 'not-remembered', `a repetition of this delivery may count again: ${String(error)}`)
    return false
  }
  if (id !== undefined && (await deliveries.known(path, id).catch(unremembered))) return
  for (const [reaction, woken] of Map.groupBy(wakes, (each) => each.reaction))
    await send(
      reaction,
      woken.map(({ wake }) => wake),
    )
  if (id !== undefined) await deliveries.remember(path, id, now() + DEDUPLICATION_WINDOW).catch(unremembered)
}
