import { Refused } from '../../src/core/refused.ts'
import type { Secrets } from '../../src/core/secrets.ts'

/** Secrets in memory. `failures` are thrown first, one per read. */
export interface SecretsTwin extends Secrets {
  readonly values: Map<string, string>
  readonly failures: Error[]
  reads: number
}

export function secretsTwin(values: Readonly<Record<string, string>> = {}): SecretsTwin {
  const twin: SecretsTwin = {
    values: new Map(Object.entries(values)),
    failures: [],
    reads: 0,
    async read(id) {
      twin.reads += 1
      const failure = twin.failures.shift()
      if (failure !== undefined) throw failure
      const text = twin.values.get(id)
      if (text === undefined) throw new Refused('no-such-secret', `no secret ${id}`, { subject: id })
      return text
    },
  }
  return twin
}
