import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateQueueCommand, DeleteQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { main } from '../../../cli/main.ts'
import { dynamodb, sqs } from '../../../src/aws/clients.ts'
import { dynamoLedger } from '../../../src/aws/ledger.ts'
import { names } from '../../../src/lake/resource-names.ts'
import { newCursor } from '../../../src/core/ledger.ts'
import { parseState, serializeState } from '../../../src/reactions/deployment/state.ts'
import { createLedger, dropLedger } from '../../world/ledger-table.ts'

const clients = { dynamodb: dynamodb(), sqs: sqs() }
const called = names({ name: 'rollbackcli', stage: 'local' })
const ledger = dynamoLedger(clients.dynamodb, called.ledger)
const key = { subject: 'endpoint/delay', reaction: 'deployment' }
const deployment = (number: number) => ({
  config: `delay-v${number}-1a2b3c4d`,
  version: String(number),
  number,
  at: number,
  capacity: '1-1',
  registered: 'delay',
})
const [six, seven] = [deployment(6), deployment(7)]

let folder: string
let lakeFile: string
let QueueUrl: string

beforeAll(async () => {
  await createLedger(clients.dynamodb, called.ledger)
  ;({ QueueUrl = '' } = await clients.sqs.send(new CreateQueueCommand({ QueueName: called.queue('deployment') })))
  await ledger.save({ ...newCursor(key), version: 7, state: serializeState({ deployments: [seven, six] }) })
  folder = await mkdtemp(join(tmpdir(), 'landfall-rollback-'))
  lakeFile = join(folder, 'lake.yml')
  // Nothing listens there: a rollback must work without its registry.
  const registry = '{ mlflow: "http://127.0.0.1:9", secret: rollbackcli/none, artifacts: s3://rollbackcli-models }'
  await writeFile(
    lakeFile,
    `lake: rollbackcli
buckets: {}
tables: {}
registries: { main: ${registry} }
models:
  delay: { registry: main, promote: { alias: champion }, endpoint: { name: delay, instance: ml.m5.large } }
`,
  )
})

afterAll(async () => {
  await dropLedger(clients.dynamodb, called.ledger)
  await clients.sqs.send(new DeleteQueueCommand({ QueueUrl }))
  await rm(folder, { recursive: true, force: true })
  for (const client of Object.values(clients)) client.destroy()
})

async function landfall(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []]
  const io = { out: (line: string) => out.push(line), err: (line: string) => err.push(line), width: 100 }
  const code = await main([...args, lakeFile, '--stage', 'local'], io)
  return { code, out: out.join('\n'), err: err.join('\n') }
}
const woken = async () => {
  const { Messages = [] } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
  return Messages.map(({ Body = '' }) => JSON.parse(Body) as unknown)
}
const state = async () => parseState((await ledger.cursor(key)).state)

test('an endpoint is rolled back and released on a deployed lake while its registry is down', async () => {
  const back = await landfall('rollback', 'delay')
  expect([back.code, back.out]).toEqual([
    0,
    expect.stringMatching(
      /^delay: going back from version 7 to version 6 \(delay-v6-1a2b3c4d\)\n[^]*--undo --stage local$/,
    ),
  ])
  expect(back.err).toContain('registry main unavailable; assuming the last deployed version is the promoted one')
  expect((await state()).held).toMatchObject({ to: six.config, heldAgainst: seven.version })
  expect(await woken()).toEqual([{ subject: 'endpoint/delay', full: true }])

  expect((await landfall('rollback', 'endpoint/delay')).out).toContain('delay: already going back to version 6')
  const late = await landfall('rollback', 'delay', '--wait', '1', '--json')
  expect(late.code).toBe(1)
  expect(JSON.parse(late.out)).toMatchObject({ changed: false, to: { version: '6' }, followed: { kind: 'late' } })
  const unknown = await landfall('rollback', 'delay', '--to', '3')
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('version 3 is not kept (kept: 7, 6)')])
  expect((await landfall('rollback', 'elsewhere')).code).toBe(2)

  const replayed = await landfall('replay', 'endpoint/delay')
  expect([replayed.code, replayed.out]).toEqual([0, expect.stringContaining('delay: released; deploying version 7')])
  expect(await state()).toEqual({ deployments: [seven, six] })
}, 60_000)
