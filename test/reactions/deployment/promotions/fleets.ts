import type { Containers } from '../../../../local/sagemaker/containers.ts'
import type { Fleet } from '../../../../local/sagemaker/core/state.ts'
import { noPing } from '../../../../local/sagemaker/faults.ts'

/** `start`: its container never becomes healthy. `answer`: it answers what no smoke test takes. */
type Fault = 'start' | 'answer'

/** Containers that are no processes, so that a fleet is up at once: whether they work is by where their artifacts lie. */
export interface Fleets extends Containers {
  /** From here on, what is made of the artifacts at this address has a fault. */
  breaks(artifacts: string, fault: Fault): void
}

export function fleets(): Fleets {
  const faults = new Map<string, Fault>()
  const faultOf = ({ model }: Fleet) =>
    faults.get((model.input.PrimaryContainer.ModelDataSource?.S3DataSource.S3Uri ?? '').replace(/\/$/, ''))
  return {
    breaks: (artifacts, fault) => void faults.set(artifacts, fault),
    launch: (fleet) =>
      faultOf(fleet) === 'start'
        ? { kind: 'failed', reason: noPing(fleet.config.variant.VariantName) }
        : { kind: 'healthy' },
    retire: () => undefined,
    async invoke(fleet) {
      const predictions = faultOf(fleet) === 'answer' ? ['late'] : [12.5]
      return { status: 200, contentType: 'application/json', body: Buffer.from(JSON.stringify({ predictions })) }
    },
    stop: async () => undefined,
  }
}
