import { Refused } from '../../core/refused.ts'
import type { Cursor } from '../../core/ledger.ts'
import type { Model } from './settings.ts'
import { subjectModel } from '../../lake/subjects.ts'
import type { DeploymentPorts } from './ports.ts'
import { type Candidate, parseState } from './state.ts'

/** @throws {Error} if the cursor has a run but no candidate, which Landfall never writes */
export function candidateOf(cursor: Cursor): Candidate {
  const { candidate } = parseState(cursor.state)
  if (candidate === undefined)
    throw new Error(`${cursor.subject} has a run, and its state does not say of which version`)
  return candidate
}

export function modelOf({ subject }: Cursor, { models }: DeploymentPorts): Model {
  const model = subjectModel(subject, models)
  if (model !== undefined) return model
  throw new Refused('unknown-subject', `${subject} is no longer in lake.yml, and a deployment to it is in progress`, {
    subject,
    advice: 'Landfall does not follow it any further. Look at the endpoint in SageMaker.',
  })
}
