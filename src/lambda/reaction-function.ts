import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { sqs } from '../aws/clients.ts'
import { sqsQueue } from '../aws/queue.ts'
import { awsShell } from '../aws/shell.ts'
import type { LongReaction, Observation, Reaction, Wake } from '../core/reaction.ts'
import type { Lake } from '../lake/lake.ts'
import type { ReactionName } from '../reactions/index.ts'
import { type FunctionContext, type Handler, lambda } from './function.ts'
import { readLake } from './lake-file.ts'
import { reactionQueue } from './reaction-queue.ts'

/**
 * The Lambda function of a reaction: its queue's messages, each subject reconciled once.
 *
 * @param build makes the reaction; called once a container
 * @param parser what a message of the queue wakes, for a reaction that is woken by more than `Table Changed`; loaded with the
 * first message
 */
export function reactionFunction<O extends Observation, A>(
  name: ReactionName,
  build: (lake: Lake, context: FunctionContext) => Reaction<O, A> | LongReaction<O>,
  parser?: (lake: Lake) => Promise<(body: unknown) => readonly Wake[]>,
): Handler<SQSEvent, SQSBatchResponse> {
  return lambda<SQSEvent, SQSBatchResponse>(name, async (context) => {
    const lake = await readLake(context.config)
    const shell = awsShell(name, lake, context)
    return reactionQueue(build(lake, context), shell, sqsQueue(sqs()), context, parser && (() => parser(lake)))
  })
}
