import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One AWS call that went through. */
export interface Call {
  /** `s3:GET key`, `s3:LIST`, `dynamodb:PutItem`, `sagemaker:UpdateEndpoint`, … */
  readonly name: string
  /** When its answer was through, by `performance.now()`. */
  readonly ended: number
  /** The request's body, as far as it is text. */
  readonly body: string
}

export interface CountingProxy {
  readonly endpoint: string
  /** Calls since the last `clear`. */
  readonly calls: Call[]
  clear(): void
  /** Resolves when a call has been answered that `wanted` takes, one from before among them. */
  seen(wanted: (call: Call) => boolean): Promise<Call>
  close(): Promise<void>
}

/** What begins so is no AWS call, but a function's sign that it was there: the proxy answers it itself. */
export const SIGN = '/noop-was-here/'

/**
 * Stands before an AWS endpoint on 127.0.0.1 and notes what passes.
 *
 * @param service where it is not AWS that stands behind: calls are named by it, their method and path
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

/** What JSON services call themselves in their header, where their names in IAM are others. */
const services: Readonly<Record<string, string>> = {
  anyscalefrontendservice: 'application-autoscaling',
  ec2containerregistry: 'ecr',
  graniteserviceversion20100801: 'cloudwatch',
}

/** The operation: JSON services name it in a header, those of Smithy's RPC in the path, S3 by its method and query. */
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
