import type { Cursor, Ledger, Run } from '../../src/core/ledger.ts'
import type { Outside } from './long-run-world.ts'
import { memoryLedger } from './ledger.twin.ts'

/** A ledger that records each write to a cursor that breaks a rule, and each start of a step that is not recorded first. */
export interface WatchedLedger extends Ledger {
  readonly violations: string[]
  /** The outside system, which checks that each start is claimed in this ledger. */
  watch(there: Outside): Outside
}

export function watchedLedger(): WatchedLedger {
  const ledger = memoryLedger()
  const violations: string[] = []
  const tokens = new Set<string>()
  let last: Cursor | undefined
  let outside: Outside | undefined
  return {
    ...ledger,
    violations,
    watch(there) {
      outside = there
      const start: Outside['start'] = (run, cursor) => {
        if (!tokens.has(run.token)) violations.push(`step ${run.step ?? 0} was started and not recorded`)
        return there.start(run, cursor)
      }
      return { ...there, start }
    },
    async save(next) {
      const saved = await ledger.save(next)
      if (saved === 'conflict') return saved
      const broken = brokenRule(last, next, tokens, (run) => outside?.verdict(run.token))
      if (broken !== undefined) violations.push(broken)
      if (next.run !== undefined) tokens.add(next.run.token)
      last = next
      return saved
    },
  }
}

type Verdict = (run: Run) => ReturnType<Outside['verdict']>

/** The rule that this write breaks. `tokens`: all that were ever recorded. */
function brokenRule(
  before: Cursor | undefined,
  next: Cursor,
  tokens: ReadonlySet<string>,
  verdict: Verdict,
): string | undefined {
  const old = before?.run
  const { run } = next
  if (next.version !== (before?.version ?? -1)) return brokenMove(old, next, verdict)
  if (run === undefined) {
    const isOver = old === undefined || ['refused', 'nothing', 'done', 'failed'].includes(verdict(old) ?? '')
    return isOver ? undefined : `a run was dropped whose step is ${verdict(old)}`
  }
  const step = run.step ?? 0
  if (old?.token === run.token) {
    const isSame = old.step === run.step && old.steps === run.steps && old.version === run.version
    const isKept = old.externalId === undefined || old.externalId === run.externalId
    return isSame && isKept ? undefined : `one token stands for ${JSON.stringify(old)} and ${JSON.stringify(run)}`
  }
  if (tokens.has(run.token)) return `the token of step ${step} had been used before`
  if (run.externalId !== undefined) return `step ${step} was recorded as started before it was claimed`
  if (old === undefined) return step === 0 ? undefined : `a run began at step ${step}`
  if (old.version !== run.version || old.steps !== run.steps) return 'a run changed what it takes'
  if (step === (old.step ?? 0))
    return ['failed', 'skipped'].includes(verdict(old) ?? '')
      ? undefined
      : `step ${step} was repeated after ${verdict(old)}`
  if (step !== (old.step ?? 0) + 1) return `step ${step} came after step ${old.step ?? 0}`
  if (run.attempt !== 1) return `step ${step} began with attempt ${run.attempt}`
  return verdict(old) === 'succeeded' ? undefined : `step ${step} came after one that is ${verdict(old)}`
}

/** The cursor moves to the version of the run once its last step has succeeded. */
function brokenMove(old: Run | undefined, next: Cursor, verdict: Verdict): string | undefined {
  if (old === undefined || next.run !== undefined) return 'the cursor moved without the end of a run'
  if ((old.step ?? 0) + 1 !== (old.steps ?? 1)) return `the cursor moved after step ${old.step ?? 0} of ${old.steps}`
  if (verdict(old) !== 'succeeded') return `the cursor moved when the last step was ${verdict(old)}`
  return next.version === old.version ? undefined : `the cursor moved to ${next.version}, not ${old.version}`
}
