import { randomBytes } from 'node:crypto'
import type { EpochMs } from '../core/time.ts'

/**
 * Spans for AWS X-Ray, as subsegments of Lambda's segment of an invocation. They go to the daemon beside the function as UDP
 * datagrams (AWS X-Ray Developer Guide, "Sending segment documents to the X-Ray daemon"), which saves the 120 kB of the
 * X-Ray SDK. Without a daemon or a sampled trace nothing is sent.
 */
export interface Tracer {
  /** Times `work`. `annotations` are indexed: subject, reaction, … */
  span<T>(name: string, annotations: Readonly<Record<string, string | number>>, work: () => Promise<T>): Promise<T>
}

interface TraceSettings {
  /** `host:port`, or `udp:host:port tcp:host:port`. */
  readonly daemon?: string
  /** Lambda's trace header of this invocation. */
  header(): string | undefined
  now(): EpochMs
}

export function tracer({ daemon, header, now }: TraceSettings): Tracer {
  const address = daemon === undefined ? undefined : parseDaemon(daemon)
  if (address === undefined) return { span: (_name, _annotations, work) => work() }
  return {
    async span(name, annotations, work) {
      const trace = parseHeader(header())
      if (trace === undefined) return work()
      const segment = {
        name,
        annotations,
        type: 'subsegment',
        id: randomBytes(8).toString('hex'),
        ...trace,
        start_time: now() / 1000,
      }
      try {
        const answer = await work()
        await send(address, { ...segment, end_time: now() / 1000 })
        return answer
      } catch (error) {
        await send(address, { ...segment, end_time: now() / 1000, fault: true })
        throw error
      }
    },
  }
}

/** `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`; undefined if the trace is not sampled. */
export function parseHeader(header: string | undefined): { trace_id: string; parent_id: string } | undefined {
  const parts = new Map(header?.split(';').map((part) => part.split('=', 2) as [string, string]))
  const [trace_id, parent_id] = [parts.get('Root'), parts.get('Parent')]
  return trace_id === undefined || parent_id === undefined || parts.get('Sampled') !== '1'
    ? undefined
    : { trace_id, parent_id }
}

export function parseDaemon(daemon: string): { host: string; port: number } | undefined {
  const [, host, port] = /udp:([^\s:]+):(\d+)/.exec(daemon) ?? /^([^\s:]+):(\d+)$/.exec(daemon) ?? []
  return host === undefined || port === undefined ? undefined : { host, port: Number(port) }
}

/** Best effort, over UDP: a lost span must not fail the work that it timed. */
async function send({ host, port }: { host: string; port: number }, document: object): Promise<void> {
  const { createSocket } = await import('node:dgram')
  const datagram = Buffer.from(`{"format":"json","version":1}\n${JSON.stringify(document)}`)
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    const close = () => socket.close(() => resolve())
    socket.once('error', close)
    socket.send(datagram, port, host, close)
  })
}
