import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An AWS call that passed through the proxy. */
export interface Call {
  /** `s3:GET key`, `s3:LIST`, `dynamodb:PutItem`, `sagemaker:UpdateEndpoint`, … */
  readonly name: string
  /** When its answer had passed, by `performance.now()`. */
  readonly ended: number
  /** The request's body as text. */
  readonly body: string
}

export interface CountingProxy {
  readonly endpoint: string
  /** Calls since the last `clear`. */
  readonly calls: Call[]
  clear(): void
  /** Resolves when a call that matches `wanted` has been answered, also if that was before. */
  seen(wanted: (call: Call) => boolean): Promise<Call>
  close(): Promise<void>
}

/** Requests with this prefix are not AWS calls but a function's signal that it ran. The proxy answers them itself. */
export const SIGN = '/noop-was-here/'

/**
 * A proxy on 127.0.0.1 that records the calls to an AWS endpoint.
 *
 * @param service if the endpoint is not AWS: calls are named after it, their method and path
 */
export async function countingProxy(upstream: string, service?: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(upstream)
  const calls: Call[] = []
  const waiting = new Set<{ wanted: (call: Call) => boolean; resolve: (call: Call) => void }>()
  const note = (call: Call) => {
    calls.push(call)
    for (const one of waiting) if (one.wanted(call) && waiting.delete(one)) one.resolve(call)
  }
  const server = createServer((incoming, outgoing) => {
    const isSign = incoming.url?.startsWith(SIGN) === true
    if (isSign) outgoing.writeHead(204).end()
    const through = isSign ? Promise.resolve('') : forward(incoming, outgoing, { hostname, port })
    void through.then((body) => note({ name: nameOf(incoming, service), ended: performance.now(), body }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    clear: () => void calls.splice(0),
    seen: (wanted) =>
      new Promise((resolve) => {
        const known = calls.find(wanted)
        if (known === undefined) waiting.add({ wanted, resolve })
        else resolve(known)
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** IAM's names of JSON services, if their headers use other names. */
const services: Readonly<Record<string, string>> = {
  anyscalefrontendservice: 'application-autoscaling',
  ec2containerregistry: 'ecr',
  graniteserviceversion20100801: 'cloudwatch',
}

/** The operation: JSON services name it in a header, services with Smithy's RPC in the path, S3 by method and query. */
function nameOf({ method, url = '/', headers }: IncomingMessage, service?: string): string {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  if (service !== undefined) return `${service}:${method} ${pathname}`
  const target = headers['x-amz-target']
  const [, called, operation] =
    typeof target === 'string'
      ? (/^(?:AWS|Amazon)?([^.]*?)(?:_V?\d+)?\.(.+)$/.exec(target) ?? [])
      : (/^\/service\/([^/]+)\/operation\/(\w+)$/.exec(pathname) ?? [])
  if (called !== undefined) return `${services[called.toLowerCase()] ?? called.toLowerCase()}:${operation}`
  if (/^\/endpoints\/[^/]+\/invocations$/.test(pathname)) return 'sagemaker:InvokeEndpoint'
  return searchParams.has('list-type') ? 's3:LIST' : `s3:${method} ${decodeURIComponent(pathname)}`
}

async function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  to: { hostname: string; port: string },
): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  await new Promise<void>((resolve, reject) => {
    const { method, url, headers } = incoming
    const upstream = request({ ...to, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
      answer.on('end', resolve).on('error', reject)
    })
    upstream.on('error', reject)
    upstream.end(body)
  })
  return body.toString('utf8')
}
