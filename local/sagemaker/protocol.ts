import type { IncomingMessage, ServerResponse } from 'node:http'
import { ServiceError } from './core/errors.ts'
import { ModelError } from './invocation.ts'

/** Bytes that InvokeEndpoint accepts. Other calls are far smaller. */
const LARGEST_BODY = 6_291_456
const JSON_1_1 = { 'content-type': 'application/x-amz-json-1.1' }

/** @throws {ServiceError} */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > LARGEST_BODY) throw new ServiceError('ValidationError', `The body is larger than ${LARGEST_BODY} bytes.`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** @throws {ServiceError} */
export function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8') || '{}')
  } catch (error) {
    throw new ServiceError('SerializationException', `The body is not JSON: ${(error as Error).message}`)
  }
}

/** AWS JSON 1.1: times are seconds since the epoch. */
export function answerJson(response: ServerResponse, output: object): void {
  response.writeHead(200, JSON_1_1).end(JSON.stringify(onTheWire(output)))
}

/** AWS JSON has the error's name in the body, REST has it in a header. This answers both. */
export function answerError(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return
  const known = error instanceof ServiceError ? error : new ServiceError('InternalFailure', String(error), 500)
  const { name, message, status } = known
  const more =
    known instanceof ModelError
      ? { OriginalStatusCode: known.originalStatus, OriginalMessage: known.originalMessage }
      : {}
  response.writeHead(status, { ...JSON_1_1, 'x-amzn-errortype': name })
  response.end(JSON.stringify({ __type: name, message, Message: message, ...more }))
}

function onTheWire(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000
  if (Array.isArray(value)) return value.map(onTheWire)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, onTheWire(each)]))
}
