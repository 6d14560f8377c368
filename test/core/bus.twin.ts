import type { Bus } from '../../src/core/bus.ts'

import { facts, type FactType, type PublishedFact } from '../../src/reactions/facts.ts'

/** A bus that records what it accepted. It accepts only what matches its schema. */
export function memoryBus(): Bus & { readonly published: PublishedFact[] } {
  const published: PublishedFact[] = []
  return {
    published,
    async publish(batch) {
      return batch.map((fact) => {
        const schema = facts[fact.type as FactType]
        if (schema === undefined) return new Error(`no fact has the type '${fact.type}'`)
        const { error } = schema.safeParse(fact.detail)
        if (error !== undefined) return new Error(`not a '${fact.type}': ${error.message}`)
        published.push(structuredClone(fact) as PublishedFact)
        return undefined
      })
    },
  }
}
