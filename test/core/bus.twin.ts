import type { Bus } from '../../src/core/bus.ts'
import type { Fact } from '../../src/core/facts.ts'
import { facts } from '../../src/core/fact-schemas.ts'

/** A bus that keeps what it took, and takes only what its schema allows. */
export function memoryBus(): Bus & { readonly published: Fact[] } {
  const published: Fact[] = []
  return {
    published,
    async publish(batch) {
      return batch.map((fact) => {
        const { error } = facts[fact.type].safeParse(fact.detail)
        if (error !== undefined) return new Error(`not a '${fact.type}': ${error.message}`)
        published.push(structuredClone(fact))
        return undefined
      })
    },
  }
}
