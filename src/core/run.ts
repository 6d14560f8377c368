import { Refused } from './refused.ts'
import type { Cursor, Run } from './ledger.ts'
import type { Shell } from './shell.ts'
import type { EpochMs } from './time.ts'

/** The code of a refusal that only an operator lifts, with `landfall replay`. */
export const STUCK = 'stuck'

/** Which part of the work a claim is for. */
type Part = Pick<Run, 'version' | 'committed' | 'step' | 'steps'>

/** A claim of one step, under a token of its own. Nothing is started yet. */
export function newClaim(
  { version, committed, step, steps }: Part,
  attempt: number,
  until: EpochMs,
  cursor: Cursor,
  shell: Shell,
): Run {
  const token = tokenOf({ version, step, attempt }, cursor, shell)
  return { version, committed, step, steps, attempt, until, token }
}

/** The revision makes it unique, so that running the same versions again on purpose is another run. */
function tokenOf(
  { version, step = 0, attempt }: Pick<Run, 'version' | 'step' | 'attempt'>,
  { subject, reaction, version: after, revision }: Cursor,
  { digest, lake }: Shell,
): string {
  const parts = [lake, subject, reaction, after, version, attempt, revision]
  return digest(JSON.stringify(step === 0 ? parts : [...parts, step]))
}

export function isLastStep({ step = 0, steps = 1 }: Run): boolean {
  return step + 1 >= steps
}

function stepText({ step = 0, steps = 1 }: Run): string {
  return steps === 1 ? '' : `, at step ${step + 1} of ${steps}`
}

export function stuck(run: Run, reason: string, { subject, reaction, version }: Cursor, { stage }: Shell): Refused {
  const versions = `versions ${version + 1} to ${run.version}`
  return new Refused(STUCK, `${reaction} failed ${run.attempt} times on the ${versions}${stepText(run)}: ${reason}`, {
    subject,
    found: reason,
    advice: `Fix the cause, then: landfall replay ${subject.replace(/^table\//, '')} --from ${version + 1} --stage ${stage}`,
  })
}

/** The detail of `Run Succeeded` and `Run Failed`. */
export function runDetail(
  { version, step = 0, steps = 1, attempt, externalId = '' }: Run,
  { subject, reaction, version: after }: Cursor,
  { lake }: Shell,
) {
  const base = { lake, subject, reaction, after, version, attempt, externalId }
  return steps === 1 ? base : { ...base, step, steps }
}
