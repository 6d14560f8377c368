import { Refused } from '../../core/refused.ts'
import type { Model } from '../../lake/lake.ts'
import type { Cursor } from '../../core/ledger.ts'
import type { Registry } from '../../registry/ports.ts'
import type { Alarms } from './alarms.ts'
import type { Artifacts } from './artifacts/artifacts.ts'
import type { Images } from './image.ts'
import type { SageMaker } from './sagemaker.ts'
import { subjectModel } from '../../lake/subjects.ts'
import { parseState, type Pending } from './state.ts'

export interface DeploymentPorts {
  readonly lake: string
  /** What the names of all that the lake deploys begin with. */
  readonly stack: string
  /** By their names in lake.yml. */
  readonly models: Readonly<Record<string, Model>>
  registryOf(model: Model): Registry
  /** ARN of the role that the model's container runs as. */
  roleOf(model: Model): string
  readonly sagemaker: SageMaker
  readonly artifacts: Artifacts
  readonly images: Images
  readonly alarms: Alarms
  /** A digest; equal for equal texts only. */
  digest(text: string): string
  /** ms since the epoch. */
  now(): number
}

/** @throws {Error} for a cursor that claims a run and does not say of what: nothing of ours writes one */
export function pendingOf(cursor: Cursor): Pending {
  const { pending } = parseState(cursor.state)
  if (pending === undefined) throw new Error(`${cursor.subject} has a run and no deployment that it is about`)
  return pending
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
