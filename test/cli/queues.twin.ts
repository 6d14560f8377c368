import { HELD, type Queues, type Received } from '../../cli/queues.ts'

interface Held {
  readonly message: Omit<Received, 'receipt'>
  /** When it becomes visible again, in seconds. */
  visible: number
  receipt: string
}

/** SQS queues in memory. A received message is invisible until it is released, deleted, or its timeout has passed. */
export function memoryQueues() {
  const queues = new Map<string, Held[]>()
  const clock = { seconds: 0 }
  let ids = 0
  /** Called before each message is requeued; false: SQS rejects this one. */
  const faults = { accepts: (_body: string): boolean => true, remove: (): void => {} }
  const of = (queue: string): Held[] => {
    const found = queues.get(queue)
    if (found === undefined) throw new Error(`there is no queue ${queue}`)
    return found
  }
  const put = (queue: string, body: string, attributes: Record<string, string> = {}, sent = 0): string => {
    const id = `m${++ids}`
    of(queue).push({ message: { id, body, sent, attributes }, visible: 0, receipt: '' })
    return id
  }
  const ports: Queues = {
    async depth(queue) {
      const all = queues.get(queue)
      const waiting = all?.filter(({ visible }) => visible <= clock.seconds).length ?? 0
      return all && { waiting, inFlight: all.length - waiting }
    },
    async send(queue, bodies) {
      for (const body of bodies) put(queue, JSON.stringify(body))
    },
    async receive(queue, limit) {
      const ready = of(queue).filter(({ visible }) => visible <= clock.seconds)
      return ready.slice(0, Math.min(limit, 10)).map((held) => {
        held.visible = clock.seconds + HELD
        held.receipt = `r${++ids}`
        return { ...held.message, receipt: held.receipt }
      })
    },
    async resend(queue, messages) {
      const accepted = messages.filter(({ body }) => faults.accepts(body))
      for (const { body } of accepted) put(queue, body)
      return new Set(accepted.map(({ id }) => id))
    },
    async remove(queue, messages) {
      faults.remove()
      const gone = new Set(messages.map(({ receipt }) => receipt))
      queues.set(
        queue,
        of(queue).filter(({ receipt }) => !gone.has(receipt)),
      )
    },
    async release(queue, messages) {
      const released = new Set(messages.map(({ receipt }) => receipt))
      for (const held of of(queue)) if (released.has(held.receipt)) held.visible = 0
    },
  }
  return {
    ...ports,
    clock,
    faults,
    put,
    make: (...names: string[]) => {
      for (const name of names) queues.set(name, [])
    },
    bodies: (queue: string) => of(queue).map(({ message }) => message.body),
  }
}
