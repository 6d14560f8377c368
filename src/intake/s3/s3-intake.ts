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
  /** The function's name, which rejections are recorded under. */
  readonly name: 'commits' | 'files'
  readonly lake: Lake
  readonly bus: Bus
  readonly ledger: Ledger
  /** Absent in the function for Delta commits. */
  readonly files?: FilePorts
  readonly queue: Queue
  readonly context: FunctionContext
}

/** A fact, and the messages that are done once it is published. */
interface PendingFact {
  readonly fact: Fact
  readonly ids: string[]
}

/**
 * The functions `commits` and `files`: an S3 event becomes a fact on the bus, or is recorded as a rejection. A commit of a Delta
 * table is published from its key alone; a file of a table of files is first appended to the table's landing log.
 */
export function s3Intake({
  name,
  lake,
  bus,
  ledger,
  files,
  queue,
  context,
}: S3IntakeOptions): Handler<SQSEvent, SQSBatchResponse> {
  const places = placesOf(lake)
  const work = async (messages: readonly Message<readonly ObjectEvent[]>[]): Promise<Failures> => {
    const failures = new Map<string, unknown>()
    const facts = new Map<string, PendingFact>()
    const states = new FileStates()
    let ignored = 0
    const rejections: Promise<unknown>[] = []
    for (const { id, value } of messages)
      for (const event of value) {
        const found = classify(event, places)
        if (found.kind === 'commit') addFact(facts, lake.name, found.table, found.version, [id])
        else if (found.kind === 'file' && files !== undefined) states.add(found.table, found.state, id)
        else if (found.kind === 'ignored') ignored++
        else
          rejections.push(
            ledger
              .reject({ source: name, ...rejectionOf(found) }, context.now())
              .catch((error: unknown) => failures.set(id, error)),
          )
      }
    const appended = files === undefined ? [] : await states.append(files, () => context.now())
    for (const { table, version, ids, failures: failed } of appended) {
      for (const [id, error] of failed) failures.set(id, error)
      if (version >= 0) addFact(facts, lake.name, table, version, ids)
    }
    await publish(bus, [...facts.values()], failures)
    await Promise.all(rejections)
    const sum = (what: 'added' | 'removed') => appended.reduce((all, each) => all + each[what], 0)
    context.log.info('processed', {
      messages: messages.length,
      facts: facts.size,
      filesAdded: sum('added'),
      filesRemoved: sum('removed'),
      ignored,
      failed: failures.size,
    })
    return failures
  }
  return (event) =>
    processBatch(event, context, {
      source: name,
      parser: async () => (await import('./s3-event.ts')).toObjectEvents,
      work,
      ledger,
      queue,
      maxReceives: context.config.maxReceives,
    })
}

function rejectionOf(found: Extract<Classification, { kind: 'rejected' | 'file' }>): Omit<Rejection, 'source'> {
  if (found.kind === 'rejected') return found.rejection
  const { name } = found.table
  const reason = `an event for a file of the table ${name} came to the queue for Delta commits. Send it to the queue for files.`
  return { code: 'wrong-queue', about: name, reason, sample: found.state.key }
}

/** A commit that appears twice in a batch is published once. */
function addFact(
  facts: Map<string, PendingFact>,
  lake: string,
  table: Table,
  version: number,
  ids: readonly string[],
): void {
  const key = `${table.name} ${version}`
  const known = facts.get(key)
  if (known !== undefined) known.ids.push(...ids)
  else facts.set(key, { fact: tableChanged(lake, table, version), ids: [...ids] })
}

async function publish(bus: Bus, pending: readonly PendingFact[], failures: Map<string, unknown>): Promise<void> {
  const answers = await bus.publish(pending.map(({ fact }) => fact))
  for (const [i, { ids }] of pending.entries())
    if (answers[i] !== undefined) for (const id of ids) failures.set(id, answers[i])
}

export function tableChanged(lake: string, table: Table, version: number): Fact {
  return {
    type: 'Table Changed',
    detail: { lake, table: table.name, location: locationUri(table.location), format: table.format, version },
  }
}
