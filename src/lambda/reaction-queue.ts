import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import type { LongReaction, Observation, Reaction, Wake } from '../core/reaction.ts'
import type { Queue } from '../core/queue.ts'
import { react } from '../core/react.ts'
import type { ReactResult, Shell } from '../core/shell.ts'
import { type Failures, type Message, processBatch } from './batch.ts'
import type { FunctionContext, Handler } from './function.ts'

/** One wake-up for each subject: with the newest version that any of them names, and full if any of them is. */
export function merge(wakes: readonly Wake[]): Map<string, Wake> {
  const merged = new Map<string, Wake>()
  for (const next of wakes) {
    const { version = -1, full = false } = merged.get(next.subject) ?? {}
    const newest = Math.max(version, next.version ?? -1)
    const both = full || next.full === true
    merged.set(next.subject, {
      subject: next.subject,
      version: newest < 0 ? undefined : newest,
      full: both || undefined,
    })
  }
  return merged
}

/** The parser of reactions to tables. */
const tableParser = async () => {
  const { parseWake } = await import('../core/messages.ts')
  return (body: unknown): readonly Wake[] => [parseWake(body)]
}

/**
 * The function of a reaction: merges its queue's messages by subject, and calls `react` once for each subject.
 *
 * @param parser the wake-ups in a message; throws `Refused` for a message that does not belong in the queue
 */
export function reactionQueue<O extends Observation, A>(
  reaction: Reaction<O, A> | LongReaction<O>,
  shell: Shell,
  queue: Queue,
  context: FunctionContext,
  parser: () => Promise<(body: unknown) => readonly Wake[]> = tableParser,
): Handler<SQSEvent, SQSBatchResponse> {
  const options = {
    source: reaction.name,
    parser,
    ledger: shell.ledger,
    queue,
    maxReceives: context.config.maxReceives,
    async work(messages: readonly Message<readonly Wake[]>[]): Promise<Failures> {
      const failures = new Map<string, unknown>()
      const wakes = [...merge(messages.flatMap(({ value }) => value)).values()]
      await Promise.all(
        wakes.map(async (wake) => {
          try {
            await report(wake, await carryOut(wake), reaction.name, shell, context)
          } catch (error) {
            for (const { id, value } of messages)
              if (value.some(({ subject }) => subject === wake.subject)) failures.set(id, error)
          }
        }),
      )
      return failures
    },
  }
  const carryOut = (wake: Wake) =>
    context.tracer.span(
      reaction.name,
      { subject: wake.subject, ...(wake.version === undefined ? {} : { version: wake.version }) },
      () => react(reaction, wake, shell),
    )
  return (event) => processBatch(event, context, options)
}

async function report(
  wake: Wake,
  reacted: ReactResult,
  reaction: string,
  shell: Shell,
  context: FunctionContext,
): Promise<void> {
  const about = { subject: wake.subject, reaction, hint: wake.version, full: wake.full }
  switch (reacted.kind) {
    case 'idle':
      context.log.info('nothing to do', { ...about, version: reacted.cursor.version })
      break
    case 'done': {
      const { version, committed, done } = reacted.cursor
      context.log.info('done', { ...about, version, actions: reacted.actions, lag: done - committed })
      // A sweep finds old changes: their lag says when it ran, not how fast the lake is.
      if (wake.full !== true) context.lag(reaction, shell.lake, wake.subject.replace(/^\w+\//, ''), done - committed)
      break
    }
    case 'running':
      context.log.info('running', { ...about, run: reacted.cursor.run })
      break
    case 'refused':
      context.log.warn('refused', { ...about, code: reacted.refusal.code, reason: reacted.refusal.reason })
      break
  }
}
