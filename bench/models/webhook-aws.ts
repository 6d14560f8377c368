import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

type Answer = (request: Readonly<Record<string, unknown>>) => object

export interface Aws {
  readonly endpoint: string
  /** By operation. */
  readonly calls: Map<string, number>
  close(): void
}

/** The calls of SQS, DynamoDB and Secrets Manager that the webhook needs, answered immediately: an emulator would add its own time. */
export async function startAws(secret: string): Promise<Aws> {
  const answers: Readonly<Record<string, Answer>> = {
    GetItem: () => ({}),
    PutItem: () => ({}),
    GetSecretValue: () => ({ SecretString: secret }),
    SendMessageBatch: ({ Entries }) => ({
      Successful: (Entries as { Id: string; MessageBody: string }[]).map(({ Id, MessageBody }) => ({
        Id,
        MessageId: Id,
        MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
      })),
      Failed: [],
    }),
  }
  const calls = new Map<string, number>()
  const answer = async (request: IncomingMessage): Promise<string> => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? ''
    calls.set(operation, (calls.get(operation) ?? 0) + 1)
    const body = JSON.parse(await text(request)) as Record<string, unknown>
    const make = answers[operation]
    if (make === undefined) throw new Error(`the webhook called ${operation}, which it should not need`)
    return JSON.stringify(make(body))
  }
  const server: Server = createServer((request, response) => {
    answer(request).then(
      (body) => response.setHeader('content-type', 'application/x-amz-json-1.0').end(body),
      (error: Error) => response.writeHead(500).end(error.message),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
