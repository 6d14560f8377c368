/**
 * `sink.ts MIB CHECK`: the part of S3 that packing a model of MIB MiB needs, on a free port of 127.0.0.1, which it prints.
 * Uploads are discarded or, if CHECK is `check`, unpacked by GNU tar and compared with the model byte by byte. It ends when
 * its stdin does, and prints what it received.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FOLDER, small, steps, WEIGHTS, weights } from './content.ts'

const [mib = '0', check] = process.argv.slice(2)
const SIZE = Number(mib) * 1024 * 1024
const seen = { uploaded: 0, parts: 0, completed: 0, compared: 0, same: true }
const checker = check === 'check' ? startChecker() : undefined

const server = createServer((request, response) => {
  answer(request, response).catch((error: Error) => response.destroy(error))
})
server.listen(0, '127.0.0.1', () => console.log(String((server.address() as AddressInfo).port)))
process.stdin.resume().on('end', () => {
  finish().then(
    () => process.exit(0),
    () => process.exit(1),
  )
})

async function finish(): Promise<void> {
  await checker?.end()
  console.log(JSON.stringify(seen))
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://sink')
  const query = url.searchParams
  const path = decodeURIComponent(url.pathname).split('/').slice(2).join('/')
  if (request.method === 'PUT') return upload(request, response, query)
  if (request.method === 'POST') {
    await once(request.resume(), 'end')
    if (!query.has('uploads')) seen.completed++
    const done = '<CompleteMultipartUploadResult><ETag>"done"</ETag></CompleteMultipartUploadResult>'
    const begun = '<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>'
    return void response.end(query.has('uploads') ? begun : done)
  }
  if (query.has('list-type')) return void response.end(listing())
  await download(request, response, path.slice(FOLDER.length + 1))
}

function sizeOf(file: string): number | undefined {
  return file === WEIGHTS ? SIZE : small[file]?.length
}

function listing(): string {
  const contents = [...Object.keys(small), WEIGHTS].map(
    (file) =>
      `<Contents><Key>${FOLDER}/${file}</Key><Size>${sizeOf(file)}</Size><ETag>"1"</ETag><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>`,
  )
  return `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`
}

async function download(request: IncomingMessage, response: ServerResponse, file: string): Promise<void> {
  const size = sizeOf(file)
  if (size === undefined) return void response.writeHead(404).end()
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  const from = Number(range?.[1] ?? 0)
  const to = Math.min(size, Number(range?.[2] || size - 1) + 1)
  response.writeHead(range === null ? 200 : 206, {
    'Content-Length': to - from,
    ETag: '"1"',
    'Last-Modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
    ...(range !== null && { 'Content-Range': `bytes ${from}-${to - 1}/${size}` }),
  })
  if (request.method === 'HEAD') return void response.end()
  if (file !== WEIGHTS) return void response.end(small[file]!.subarray(from, to))
  for (const [start, end] of steps(from, to)) if (!response.write(weights(start, end))) await once(response, 'drain')
  response.end()
}

async function upload(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): Promise<void> {
  const kept: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) {
    seen.uploaded += chunk.length
    if (checker !== undefined) kept.push(chunk)
  }
  if (query.has('partNumber')) seen.parts++
  await checker?.take(Number(query.get('partNumber')), kept)
  response.writeHead(200, { ETag: `"${query.get('partNumber') ?? 'whole'}"` }).end()
}

/** Parts may come in any order: an early one waits, and so does its sender. */
function startChecker() {
  const tar = spawn('tar', ['--extract', '--gzip', '--to-stdout', '--file=-', WEIGHTS], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(tar, 'close')
  const compared = compare(tar.stdout as AsyncIterable<Buffer>)
  const waiting = new Map<number, () => void>()
  let next = 1
  return {
    async take(part: number, chunks: readonly Buffer[]): Promise<void> {
      if (part !== next) await new Promise<void>((resolve) => waiting.set(part, resolve))
      for (const chunk of chunks) if (!tar.stdin.write(chunk)) await once(tar.stdin, 'drain')
      next = part + 1
      waiting.get(next)?.()
    },
    async end(): Promise<void> {
      tar.stdin.end()
      const [code] = (await ended) as [number]
      await compared
      seen.same &&= code === 0 && seen.compared === SIZE
    },
  }
}

async function compare(unpacked: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of unpacked) {
    for (const [from, to] of steps(seen.compared, seen.compared + chunk.length)) {
      const start = from - seen.compared
      seen.same &&= chunk.subarray(start, start + (to - from)).equals(weights(from, to))
    }
    seen.compared += chunk.length
  }
}
