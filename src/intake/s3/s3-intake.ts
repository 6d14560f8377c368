import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import type { Bus } from '../../core/bus.ts'
import type { Fact } from '../../core/facts.ts'
import type { Queue } from '../../core/queue.ts'
import { type Failures, type Message, processBatch } from '../../lambda/batch.ts'
import type { FunctionContext, Handler } from '../../lambda/function.ts'
import { type Lake, locationUri, type Table } from '../../lake/lake.ts'
import type { Ledger, Rejection } from '../../core/ledger.ts'
import type { ObjectEvent } from '../../tables/landing/event.ts'
import { classify, type Classification, placesOf } from './classify.ts'
import { FileStates, type FilePorts } from './files.ts'

interface S3IntakeOptions {
  /** Of the function: what it rejects is recorded under it. */
  readonly name: 'commits' | 'files'
  readonly lake: Lake
  readonly bus: Bus
  readonly ledger: Ledger
  /** Absent in the function that takes Delta commits alone. */
  readonly files?: FilePorts
  readonly queue: Queue
  readonly edge: FunctionContext
}

/** A fact, and the messages that are done once it is published. */
interface PendingFact {
  readonly fact: Fact
  readonly ids: string[]
}

/**
 * What the functions `commits` and `files` do: each S3 event becomes a fact on the bus, or is recorded as nobody's. A commit of a
 * Delta table is published from its key alone; a file of a table of files becomes part of the table's landing log first.
 */
export function s3Intake({
  name,
  lake,
  bus,
  ledger,
  files,
  queue,
  edge,
}: S3IntakeOptions): Handler<SQSEvent, SQSBatchResponse> {
  const places = placesOf(lake)
  const work = async (messages: readonly Message<readonly ObjectEvent[]>[]): Promise<Failures> => {
    const failures = new Map<string, unknown>()
    const told = new Map<string, PendingFact>()
    const news = new FileStates()
    let ignored = 0
    const rejections: Promise<unknown>[] = []
    for (const { id, value } of messages)
      for (const event of value) {
        const landed = classify(event, places)
        if (landed.kind === 'commit') addFact(told, lake.name, landed.table, landed.version, [id])
        else if (landed.kind === 'file' && files !== undefined) news.add(landed.table, landed.news, id)
        else if (landed.kind === 'ignored') ignored++
        else
          rejections.push(
            ledger
              .reject({ source: name, ...rejectionOf(landed) }, edge.now())
              .catch((error: unknown) => failures.set(id, error)),
          )
      }
    const landed = files === undefined ? [] : await news.land(files, () => edge.now())
    for (const { table, version, ids, failures: failed } of landed) {
      for (const [id, error] of failed) failures.set(id, error)
      if (version >= 0) addFact(told, lake.name, table, version, ids)
    }
    await publish(bus, [...told.values()], failures)
    await Promise.all(rejections)
    const sum = (what: 'added' | 'removed') => landed.reduce((all, each) => all + each[what], 0)
    edge.log.info('landed', {
      messages: messages.length,
      facts: told.size,
      filesAdded: sum('added'),
      filesRemoved: sum('removed'),
      ignored,
      failed: failures.size,
    })
    return failures
  }
  return (event) =>
    processBatch(event, edge, {
      source: name,
      parser: async () => (await import('./s3-event.ts')).toObjectEvents,
      work,
      ledger,
      queue,
      maxReceives: edge.config.maxReceives,
    })
}

function rejectionOf(landed: Extract<Classification, { kind: 'rejected' | 'file' }>): Omit<Rejection, 'source'> {
  if (landed.kind === 'rejected') return landed.rejection
  const { name } = landed.table
  const reason = `a file of the table ${name} came to the queue for commits of Delta tables; send its events to the one for files`
  return { code: 'wrong-queue', about: name, reason, sample: landed.news.key }
}

/** A commit that came twice in one batch is published once. */
function addFact(
  told: Map<string, PendingFact>,
  lake: string,
  table: Table,
  version: number,
  ids: readonly string[],
): void {
  const key = `${table.name} ${version}`
  const known = told.get(key)
  if (known !== undefined) known.ids.push(...ids)
  else told.set(key, { fact: tableChanged(lake, table, version), ids: [...ids] })
}

async function publish(bus: Bus, told: readonly PendingFact[], failures: Map<string, unknown>): Promise<void> {
  const answers = await bus.publish(told.map(({ fact }) => fact))
  for (const [i, { ids }] of told.entries())
    if (answers[i] !== undefined) for (const id of ids) failures.set(id, answers[i])
}

export function tableChanged(lake: string, table: Table, version: number): Fact {
  return {
    type: 'Table Changed',
    detail: { lake, table: table.name, location: locationUri(table.location), format: table.format, version },
  }
}
