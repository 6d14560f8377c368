import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import type { LongReaction, Observation, Reaction, Wake } from '../core/reaction.ts'
import { react } from '../core/react.ts'
import type { Reacted, Shell } from '../core/shell.ts'
import { type Failures, type Message, type Queue, settle } from './batch.ts'
import type { Edge, Work } from './function.ts'

/** The wakes of one subject as one: the newest version that any of them named; thorough if one of them is. */
export function merge(wakes: readonly Wake[]): Map<string, Wake> {
  const merged = new Map<string, Wake>()
  for (const next of wakes) {
    const { version = -1, thorough = false } = merged.get(next.subject) ?? {}
    const newest = Math.max(version, next.version ?? -1)
    const both = thorough || next.thorough === true
    merged.set(next.subject, {
      subject: next.subject,
      ...(newest < 0 ? {} : { version: newest }),
      ...(both ? { thorough: true } : {}),
    })
  }
  return merged
}

/** What wakes a reaction to tables. */
const tableDoor = async () => {
  const { toWake } = await import('../core/messages.ts')
  return (body: unknown): readonly Wake[] => [toWake(body)]
}

/**
 * The function of a reaction: its queue's messages, by subject, each carried out once by `react`.
 *
 * @param door what a message of the queue wakes; throws `Refused` for what is no message of it
 */
export function reactionQueue<O extends Observation, A>(
  reaction: Reaction<O, A> | LongReaction<O>,
  shell: Shell,
  queue: Queue,
  edge: Edge,
  door: () => Promise<(body: unknown) => readonly Wake[]> = tableDoor,
): Work<SQSEvent, SQSBatchResponse> {
  const settling = {
    source: reaction.name,
    door,
    ledger: shell.ledger,
    queue,
    maxReceives: edge.config.maxReceives,
    async work(messages: readonly Message<readonly Wake[]>[]): Promise<Failures> {
      const failures = new Map<string, unknown>()
      const wakes = [...merge(messages.flatMap(({ value }) => value)).values()]
      await Promise.all(
        wakes.map(async (wake) => {
          try {
            await report(wake, await carryOut(wake), reaction.name, shell, edge)
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
    edge.tracer.span(
      reaction.name,
      { subject: wake.subject, ...(wake.version === undefined ? {} : { version: wake.version }) },
      () => react(reaction, wake, shell),
    )
  return (event) => settle(event, edge, settling)
}

async function report(wake: Wake, reacted: Reacted, reaction: string, shell: Shell, edge: Edge): Promise<void> {
  const about = { subject: wake.subject, reaction, hint: wake.version, thorough: wake.thorough }
  switch (reacted.kind) {
    case 'idle':
      edge.log.info('nothing to do', { ...about, version: reacted.cursor.version })
      break
    case 'done': {
      const { version, committed, done } = reacted.cursor
      edge.log.info('done', { ...about, version, actions: reacted.actions, lag: done - committed })
      // A sweep finds what is old: its lag says when it ran, not how fast the lake is.
      if (wake.thorough !== true)
        await edge.lag(reaction, shell.lake, wake.subject.replace(/^\w+\//, ''), done - committed)
      break
    }
    case 'running':
      edge.log.info('running', { ...about, run: reacted.cursor.run })
      break
    case 'refused':
      edge.log.warn('refused', { ...about, code: reacted.refusal.code, reason: reacted.refusal.reason })
      break
  }
}
