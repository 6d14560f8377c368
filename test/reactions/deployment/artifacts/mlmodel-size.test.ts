import { Readable } from 'node:stream'
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { expect, test } from '@jest/globals'
import { s3Artifacts } from '../../../../src/reactions/deployment/aws/artifacts.ts'

const MIB = 1024 * 1024

/** A store that lists an MLmodel of 10 bytes, and sends a MiB at a time, without end. */
function endless() {
  let sent = 0
  const source = function* () {
    for (;;) {
      sent++
      yield Buffer.alloc(MIB, '#')
    }
  }
  const body = Readable.from(source(), { objectMode: false, highWaterMark: MIB })
  const send = async (command: object) =>
    command instanceof GetObjectCommand ? { Body: body } : { Contents: [{ Key: 'm/MLmodel', Size: 10, ETag: '"a"' }] }
  return { client: { send } as unknown as S3Client, body, sent: () => sent }
}

test('an MLmodel that is longer than its listing says is not read any further than the limit', async () => {
  const { client, body, sent } = endless()
  await expect(s3Artifacts(client).inspect({ bucket: 'b', prefix: 'm' }, true)).rejects.toMatchObject({
    code: 'no-artifacts',
    message: expect.stringContaining('too large'),
  })
  expect(sent()).toBeLessThan(20)
  expect(body.destroyed).toBe(true)
})
