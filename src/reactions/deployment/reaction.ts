import type { Cursor, Run } from '../../core/ledger.ts'
import type { LongReaction, Pace, RunStatus } from '../../core/reaction.ts'
import { subjectModel } from '../../lake/subjects.ts'
import { decide } from './decide.ts'
import { end } from './end.ts'
import { observe } from './observe.ts'
import { endpointStatus } from './endpoint-status.ts'
import type { DeploymentPorts } from './ports.ts'
import { modelOf, candidateOf } from './claimed.ts'
import { smokeTest } from './smoke-test.ts'
import { modifiedBefore } from './deploy.ts'
import { start } from './start.ts'
import type { ObservedEndpoint } from './target.ts'

/** The lease is longer than the function's timeout, since packing may take that long. An update takes minutes in any case. */
const deploymentPace: Pace = {
  lease: 16 * 60_000,
  poll: 60_000,
  firstPoll: 60_000,
  backOff: 30_000,
  attempts: 4,
}

/** Keeps a SageMaker endpoint on the version that the registry promotes, or on the last one that worked. docs/reactions/deployment.md. */
export function deploymentReaction(
  ports: DeploymentPorts,
  pace: Pace = deploymentPace,
): LongReaction<ObservedEndpoint> {
  return {
    name: 'deployment',
    pace,
    observe: async (wake, cursor) => {
      const model = subjectModel(wake.subject, ports.models)
      return model === undefined ? undefined : observe(model, cursor, ports)
    },
    decide,
    start: (_run, cursor, claim) => start(cursor, claim, ports),
    status: (run, cursor) => status(run, cursor, ports),
    end: (run, ended, cursor) => end(run, ended, cursor, pace, ports),
  }
}

async function status(run: Run, cursor: Cursor, ports: DeploymentPorts): Promise<RunStatus> {
  const { endpoint } = modelOf(cursor, ports)
  const { config, restore } = candidateOf(cursor)
  const seen = { modified: modifiedBefore(run.externalId), until: run.until }
  const current = endpointStatus(await ports.sagemaker.endpoint(endpoint.name), config, seen, ports.now())
  if (current.kind !== 'serving') return current
  // What is restored has passed the test before, and there may be nothing better.
  if (endpoint.smoke === undefined || restore) return { kind: 'succeeded' }
  const smoked = await smokeTest(endpoint.smoke, endpoint.name, ports.sagemaker)
  return smoked.kind === 'passed' ? { kind: 'succeeded' } : smoked
}
