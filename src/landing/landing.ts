import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import * as z from 'zod/mini'
import type { Bus } from '../bus/bus.ts'
import type { Fact } from '../bus/facts.ts'
import { type Failures, type Message, type Queue, settle } from '../edge/batch.ts'
import type { Edge, Work } from '../edge/function.ts'
import { Refused } from '../errors.ts'
import { type Lake, locationUri, type Table } from '../lake/lake.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { classify, type Landed, placesOf } from './classify.ts'
import { type S3Event, s3Event } from './s3-event.ts'

interface Landing {
  readonly lake: Lake
  readonly bus: Bus
  readonly ledger: Ledger
  readonly queue: Queue
  readonly edge: Edge
}

/**
 * @throws {Refused} `not-an-s3-event`: no bucket, no key, or not from S3.
 */
export function toS3Event(message: unknown): S3Event {
  const { success, data, error } = s3Event.safeParse(message)
  if (!success) throw new Refused('not-an-s3-event', `a message is no S3 event: ${z.prettifyError(error)}`)
  return data
}

/** What the landing function does: each S3 event is told to the bus, or recorded as nobody's. Nothing is read, nothing decided. */
export function landing({ lake, bus, ledger, queue, edge }: Landing): Work<SQSEvent, SQSBatchResponse> {
  const places = placesOf(lake)
  const work = async (messages: readonly Message<S3Event>[]): Promise<Failures> => {
    const failures = new Map<string, unknown>()
    const commits = new Map<string, { fact: Fact; ids: string[] }>()
    const ignored = { count: 0 }
    await Promise.all(
      messages.map(async ({ id, value }) => {
        const landed = classify(value, places)
        if (landed.kind === 'commit') addCommit(commits, landed, id, lake.name)
        else if (landed.kind === 'ignored') ignored.count++
        else await ledger.reject(landed.rejection, edge.now()).catch((error: unknown) => failures.set(id, error))
      }),
    )
    const groups = [...commits.values()]
    const answers = await bus.publish(groups.map(({ fact }) => fact))
    for (const [i, { ids }] of groups.entries())
      if (answers[i] !== undefined) for (const id of ids) failures.set(id, answers[i])
    edge.log.info('landed', {
      messages: messages.length,
      commits: groups.length,
      ignored: ignored.count,
      failed: failures.size,
    })
    return failures
  }
  return (event) =>
    settle(event, edge, {
      source: 'landing',
      door: toS3Event,
      work,
      ledger,
      queue,
      maxReceives: edge.config.maxReceives,
    })
}

/** A commit that came twice in one batch is published once. */
function addCommit(
  commits: Map<string, { fact: Fact; ids: string[] }>,
  { table, version }: Extract<Landed, { kind: 'commit' }>,
  id: string,
  lake: string,
): void {
  const key = `${table.name} ${version}`
  const known = commits.get(key)
  if (known !== undefined) known.ids.push(id)
  else commits.set(key, { fact: tableChanged(lake, table, version), ids: [id] })
}

function tableChanged(lake: string, table: Table, version: number): Fact {
  return {
    type: 'Table Changed',
    detail: { lake, table: table.name, location: locationUri(table.location), format: table.format, version },
  }
}
