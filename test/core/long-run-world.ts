import { Refused } from '../../src/core/refused.ts'
import type { Cursor, Run } from '../../src/core/ledger.ts'
import { react } from '../../src/core/react.ts'
import type { LongReaction, Observation, RunStatus, Start, Started, Wake } from '../../src/core/reaction.ts'
import { memoryLedger } from './ledger.twin.ts'
import { memoryShell } from './shell.twin.ts'

export const subject = 'table/flights'
const key = { subject, reaction: 'copy' }
export const pace = { lease: 60_000, poll: 30_000, backOff: 10_000, attempts: 3 }

/** One step that was started outside, under one token. */
interface OutsideRun {
  readonly after: number
  readonly version: number
  readonly step: number
  readonly steps: number
  status: RunStatus
}

/** What the outside system answers to the first start under a token. Later starts under it get the same answer. */
export type Answer = Exclude<Started['kind'], 'later'>

export interface Outside {
  /** Broken rules: one token for two steps, or a step that began before the previous one had succeeded. */
  readonly violations: string[]
  /** The status of the step with this token or, if it never began, the answer to its start. */
  verdict(token: string): Answer | RunStatus['kind'] | undefined
  readonly runs: Map<string, OutsideRun>
  /** How often each version took effect: when the last step of a run over it succeeded. */
  readonly applied: Map<number, number>
  start(run: Run, cursor: Cursor): Promise<Started>
  status(run: Pick<Run, 'externalId'>): Promise<RunStatus>
  /** Ends every step that is in progress. */
  end(status: RunStatus): void
}

/** An outside system that respects tokens, as a long reaction requires, and records each start that is out of order. */
export function outside(answer: (run: Run) => Answer = () => 'started'): Outside {
  const runs = new Map<string, OutsideRun>()
  const answers = new Map<string, Started>()
  const applied = new Map<number, number>()
  const violations: string[] = []

  function end(run: OutsideRun, status: RunStatus): void {
    run.status = status
    if (status.kind !== 'succeeded' || run.step + 1 < run.steps) return
    for (let v = run.after + 1; v <= run.version; v++) applied.set(v, (applied.get(v) ?? 0) + 1)
  }

  /** How many tokens of this step have one of these statuses. */
  function count({ after, version }: OutsideRun, step: number, ...kinds: RunStatus['kind'][]): number {
    const same = [...runs.values()].filter((run) => run.after === after && run.version === version && run.step === step)
    return same.filter(({ status }) => kinds.includes(status.kind)).length
  }

  function begin(run: Run, after: number): Started {
    const { token, version, step = 0, steps = 1 } = run
    const kind = answer(run)
    const begun: OutsideRun = { after, version, step, steps, status: { kind: 'running' } }
    if (step > 0 && count(begun, step - 1, 'succeeded') <= count(begun, step, 'succeeded', 'running'))
      violations.push(`step ${step} of the versions after ${after} began before the one before it had succeeded`)
    switch (kind) {
      case 'started':
        runs.set(token, begun)
        return { kind, externalId: token }
      case 'done':
        // If the last step is `done`, the run had no effect: it is dropped, and a new one may begin.
        if (step + 1 < steps) {
          runs.set(token, begun)
          end(begun, { kind: 'succeeded' })
        }
        return { kind, state: token }
      case 'succeeded':
        runs.set(token, begun)
        end(begun, { kind: 'succeeded' })
        return { kind }
      case 'refused':
        return { kind, refusal: new Refused('no-such-job', `there is no job for ${token}`) }
      case 'failed':
        return { kind, reason: 'no place' }
      case 'nothing':
        return { kind }
    }
  }

  return {
    runs,
    applied,
    violations,
    verdict: (token) => runs.get(token)?.status.kind ?? (answers.get(token)?.kind as Answer | undefined),
    async start(run, { version: after }) {
      const known = runs.get(run.token)
      if (
        known !== undefined &&
        (known.after !== after || known.version !== run.version || known.step !== (run.step ?? 0))
      )
        violations.push(`the token of step ${known.step} was sent for step ${run.step ?? 0}`)
      const answered = answers.get(run.token) ?? begin(run, after)
      answers.set(run.token, answered)
      return answered
    },
    async status({ externalId = '' }) {
      const run = runs.get(externalId)
      if (run === undefined) throw new Refused('no-such-run', `there is no run ${externalId}`)
      return run.status
    },
    end(status) {
      for (const run of runs.values()) if (run.status.kind === 'running') end(run, status)
    },
  }
}

/** A source of versions, a long reaction that copies them to an outside system, and its shell. */
export function world(
  decide: (observed: Observation, now: number) => Start = () => ({ kind: 'start' }),
  there: Outside = outside(),
  ledger = memoryLedger(),
) {
  const source = { newest: -1 }
  const clock = { now: 1_000_000 }
  const reactionOn = (system: Pick<Outside, 'start' | 'status'>): LongReaction<Observation> => ({
    name: 'copy',
    pace,
    decide,
    async observe(_wake, cursor) {
      return source.newest > cursor.version ? { version: source.newest, committed: source.newest * 10 } : undefined
    },
    start: (run, cursor) => system.start(run, cursor),
    status: (run) => system.status(run),
  })
  const shell = memoryShell({ now: () => clock.now, ledger })
  const reaction = reactionOn(there)
  const wake = (more: Partial<Wake> = {}) => react(reaction, { subject, ...more }, shell)
  return { source, clock, there, reaction, reactionOn, shell, wake, cursor: () => shell.ledger.cursor(key) }
}
