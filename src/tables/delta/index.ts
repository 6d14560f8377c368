/** Reading the log of a Delta table. The log is written by others: everything in it is checked where it comes in. */
export { type CommitList, listCommits, readChange, readCommitState, type StateChange } from './change.ts'
export { featuresInForce } from './features.ts'
export type { Totals } from './files.ts'
export { deltaLog } from './log.ts'
export { type LogName, parseCommitKey, parseLogName } from './names.ts'
export { type Known, RefusedTable } from './refused.ts'
export { readSnapshot, type Snapshot } from './snapshot.ts'
export { readState } from './state.ts'
