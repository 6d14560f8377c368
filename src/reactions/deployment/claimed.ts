import { Refused } from '../../core/refused.ts'
import type { Cursor } from '../../core/ledger.ts'
import type { Model } from '../../lake/lake.ts'
import { subjectModel } from '../../lake/subjects.ts'
import type { DeploymentPorts } from './ports.ts'
import { type Candidate, parseState } from './state.ts'

/** @throws {Error} for a cursor that claims a run and does not say of what: nothing of ours writes one */
export function candidateOf(cursor: Cursor): Candidate {
  const { candidate } = parseState(cursor.state)
  if (candidate === undefined) throw new Error(`${cursor.subject} has a run and no deployment that it is about`)
  return candidate
}

export function modelOf({ subject }: Cursor, { models }: DeploymentPorts): Model {
  const model = subjectModel(subject, models)
  if (model === undefined)
    throw new Refused(
      'unknown-subject',
      `${subject} is no endpoint of lake.yml any more, and a run of it is under way`,
      {
        subject,
        advice: 'Nothing follows it to its end. Look at the endpoint in SageMaker.',
      },
    )
  return model
}
