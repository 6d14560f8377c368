import { parseArgs } from 'node:util'
import { GetQueueAttributesCommand, GetQueueUrlCommand, QueueDoesNotExist, type SQSClient } from '@aws-sdk/client-sqs'
import { dynamodb, sqs } from '../../src/clients/aws.ts'
import { dynamoLedger } from '../../src/clients/ledger.ts'
import { names } from '../../src/lake/deployed.ts'
import { type Command, UsageError } from '../command.ts'
import { loadLake } from '../lake.ts'
import { type Depth, isBad, readStatus, statusText } from '../status.ts'

export const command: Command = {
  summary: 'how far each reaction has come, what was refused, what waits',
  usage: `landfall status [FILE] [--stage STAGE] [--json]

  FILE           the lake; lake.yml without it
  --stage STAGE  which deployment of it; dev without it, local for the one that npm start runs
  --json         one JSON document

Exits with 1 when something waits for you: a refused subject, a dead letter.`,

  async run(args, io) {
    const { values, positionals } = parse(args)
    const lake = await loadLake(positionals[0], values.stage, io)
    if (lake === undefined) return 1
    const status = await readStatus(lake, dynamoLedger(dynamodb(), names(lake).ledger), depthOf(sqs()))
    if (values.json === true) io.out(JSON.stringify(status, null, 2))
    else for (const line of statusText(status, Date.now(), io.width)) io.out(line)
    return isBad(status) ? 1 : 0
  },
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { stage: { type: 'string' }, json: { type: 'boolean' } },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function depthOf(client: SQSClient): Depth {
  return async (QueueName) => {
    try {
      const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }))
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      )
      return {
        waiting: Number(Attributes['ApproximateNumberOfMessages'] ?? 0),
        atWork: Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0),
      }
    } catch (error) {
      if (error instanceof QueueDoesNotExist) return undefined
      throw error
    }
  }
}
