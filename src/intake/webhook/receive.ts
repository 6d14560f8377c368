import { Refused } from '../../core/refused.ts'
import { BODY_LIMIT } from './body-limit.ts'
import { isFresh, DEDUPLICATION_WINDOW } from './freshness.ts'
import type { Delivery, ParsedDelivery, Source, Sources, WakeRequest, WebhookPorts } from './ports.ts'

/** Only a status: strangers learn nothing else. */
export type Status = 204 | 400 | 401

/** For the operator's log. */
const rejections = {
  forged: new Refused('forged', 'the credentials or the signature are wrong or missing'),
  stale: new Refused('stale', 'it was not sent within 300 s of now: a replay, or a wrong clock'),
  unknown: new Refused('unknown-path', 'no source has this path'),
} as const

/**
 * Checks the size, verifies, parses and queues a delivery, in that order. It is answered with 2xx only after it was queued. A
 * failure to queue it throws and becomes a 5xx, which makes senders deliver again.
 *
 * Whoever is not verified gets the same answer for every path and every reason: 401, or the same failure while a secret cannot
 * be read. A genuine sender that meets this failure delivers again.
 */
export async function receive(path: string, delivery: Delivery, ports: WebhookPorts): Promise<Status> {
  const { length } = delivery.body
  if (length > BODY_LIMIT) return rejected(401, new Refused('too-large', `${length} bytes`))
  const source = await verifiedSource(path, delivery, ports.sources)
  if (source instanceof Refused) return rejected(401, source)
  const parsed = parseDelivery(source, delivery.body)
  if (parsed instanceof Refused) return rejected(400, parsed)
  if (parsed.sent !== undefined && !isFresh(parsed.sent, ports.now())) return rejected(401, rejections.stale)
  if (parsed.wakes.length > 0) await queueOnce(path, source.id?.(delivery), parsed.wakes, ports)
  return 204

  function rejected<S extends Status>(status: S, { code, message }: Refused): S {
    ports.note(path.slice(0, 100), code, message)
    return status
  }
}

/**
 * The source that sent the delivery, or why it is not known to be genuine.
 *
 * A delivery that its own source does not verify is given to every other source as well, whose verdicts do not count. So the
 * secrets that are read, the time it takes and the errors that it meets depend on the delivery but not on its path: they do
 * not tell a stranger which sources exist.
 *
 * @throws if the secret of any source cannot be read at the moment
 */
async function verifiedSource(path: string, delivery: Delivery, sources: Sources): Promise<Source | Refused> {
  const own = Object.hasOwn(sources, path) ? sources[path] : undefined
  let rejection: Refused = rejections.unknown
  const failures: unknown[] = []
  for (const source of new Set([...(own === undefined ? [] : [own]), ...Object.values(sources)])) {
    try {
      const verdict = await source.verify(delivery)
      if (source !== own) continue
      if (verdict === 'genuine') return source
      rejection = rejections[verdict]
    } catch (error) {
      // A source without a usable secret rejects every delivery.
      if (!(error instanceof Refused)) failures.push(error)
      else if (source === own) rejection = error
    }
  }
  if (failures.length > 0) throw failures[0]
  return rejection
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
