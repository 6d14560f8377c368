import type { Containers } from '../../../../local/sagemaker/containers.ts'
import type { Fleet } from '../../../../local/sagemaker/core/state.ts'
import { noPing } from '../../../../local/sagemaker/faults.ts'

/** `start`: its container never becomes healthy. `answer`: its responses fail every smoke test. */
type Fault = 'start' | 'answer'

/** Containers without processes, so that a fleet starts at once. Their artifacts decide whether they work. */
export interface Fleets extends Containers {
  /** Gives a fault to all containers with the artifacts at this URI. */
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
