import { Refused } from '../../core/refused.ts'
import { isFresh, DEDUPLICATION_WINDOW } from './freshness.ts'
import type { Delivery, ParsedDelivery, Source, Verdict, WakeRequest, WebhookPorts } from './ports.ts'

/** Only a status: strangers learn nothing else. */
export type Status = 204 | 400 | 401 | 413

const reasons: Readonly<Record<Exclude<Verdict, 'genuine'>, string>> = {
  forged: 'the credentials or the signature are wrong or missing',
  stale: 'it was not sent within 300 s of now: a replay, or a wrong clock',
}

/**
 * Verifies, parses and queues a delivery, in that order. It is answered with 2xx only after it was queued. A failure to queue
 * it throws and becomes a 5xx, which makes senders deliver again.
 */
export async function receive(path: string, delivery: Delivery, ports: WebhookPorts): Promise<Status> {
  const source = Object.hasOwn(ports.sources, path) ? ports.sources[path] : undefined
  // The same status as for a bad signature: strangers do not learn which sources exist.
  if (source === undefined) return rejected(401, 'unknown-path', 'no source has this path')
  if (delivery.body.length > source.bodyLimit) return rejected(413, 'too-large', `${delivery.body.length} bytes`)
  const verdict = await source.verify(delivery).catch(refusal)
  if (verdict instanceof Refused) return rejected(401, verdict.code, verdict.message)
  if (verdict !== 'genuine') return rejected(401, verdict, reasons[verdict])
  const parsed = parseDelivery(source, delivery.body)
  if (parsed instanceof Refused) return rejected(400, parsed.code, parsed.message)
  if (parsed.sent !== undefined && !isFresh(parsed.sent, ports.now())) return rejected(401, 'stale', reasons.stale)
  if (parsed.wakes.length > 0) await queueOnce(path, source.id?.(delivery), parsed.wakes, ports)
  return 204

  function rejected<S extends Status>(status: S, code: string, reason: string): S {
    ports.note(path.slice(0, 100), code, reason)
    return status
  }
}

/** A source without a usable secret rejects every delivery. */
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
 * Queues a delivery unless it was queued before. It is remembered only afterwards: a crash in between queues it twice rather
 * than never. An extra wake-up finds nothing to do, so a delivery is also queued if DynamoDB cannot be reached.
 */
async function queueOnce(
  path: string,
  id: string | undefined,
  wakes: readonly WakeRequest[],
  { send, deliveries, note, now }: WebhookPorts,
): Promise<void> {
  const notRemembered = (error: unknown) => {
    note(path, 'not-remembered', `if this delivery is repeated, it may be queued again: ${String(error)}`)
    return false
  }
  if (id !== undefined && (await deliveries.known(path, id).catch(notRemembered))) return
  for (const [reaction, woken] of Map.groupBy(wakes, (each) => each.reaction))
    await send(
      reaction,
      woken.map(({ wake }) => wake),
    )
  if (id !== undefined) await deliveries.remember(path, id, now() + DEDUPLICATION_WINDOW).catch(notRemembered)
}
