import { performance } from 'node:perf_hooks'
import type { ContainerAnswer, Containers } from './containers.ts'
import { ServiceError } from './core/errors.ts'
import type { SageMakerCore } from './core/service.ts'
import type { Fleet } from './core/state.ts'
import type { Monitoring } from './metrics.ts'

/** The error of sagemaker-runtime when a container answers with 4xx or 5xx. */
export class ModelError extends ServiceError {
  readonly originalStatus: number
  readonly originalMessage: string

  constructor(status: number, answer: string) {
    const kind = status >= 500 ? 'server' : 'client'
    super('ModelError', `Received ${kind} error (${status}) from primary with message "${answer}".`, 424)
    this.originalStatus = status
    this.originalMessage = answer
  }
}

export interface Invoked extends ContainerAnswer {
  readonly variant: string
}

interface InvocationPorts {
  readonly core: SageMakerCore
  readonly containers: Containers
  readonly monitoring: Monitoring
  random(): number
}

/** InvokeEndpoint: one of the fleets answers, chosen by its share of the traffic. CloudWatch gets the metrics. */
export function invocation({ core, containers, monitoring, random }: InvocationPorts) {
  return async (name: string, body: Buffer, contentType: string): Promise<Invoked> => {
    const fleet = pick(core.serving(name), random() * 100)
    const began = performance.now()
    const answer = await containers.invoke(fleet, body, contentType)
    await monitoring.invoked(fleet, answer.status, performance.now() - began)
    if (answer.status >= 400) throw new ModelError(answer.status, answer.body.toString('utf8'))
    return { ...answer, variant: fleet.config.variant.VariantName }
  }
}

/** @param at a percentage */
function pick(fleets: readonly Fleet[], at: number): Fleet {
  let before = 0
  for (const fleet of fleets) {
    before += fleet.traffic
    if (at < before) return fleet
  }
  const last = fleets.at(-1)
  if (last === undefined) throw new Error('there is no fleet to pick from')
  return last
}
