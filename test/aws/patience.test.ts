import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from '@jest/globals'
import { patient } from '../../src/aws/clients.ts'

test('a call without a response fails after three attempts, before the function would time out', async () => {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket.resume())).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new DynamoDBClient({
    ...patient(300),
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  })
  const asked = client.send(new GetItemCommand({ TableName: 'ledger', Key: {} }))
  await expect(asked).rejects.toMatchObject({ name: 'TimeoutError', $metadata: { attempts: 3 } })
  client.destroy()
  for (const socket of sockets) socket.destroy()
  server.close()
}, 20_000)
