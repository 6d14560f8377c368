/** A command of `landfall`: one file in `cli/commands/`, one row in the table of `cli/main.ts`. */
export interface Command {
  /** One line for `landfall --help`. */
  readonly summary: string
  /** What `landfall NAME --help` prints: a usage line, the options, an example. */
  readonly usage: string
  /** Answers the exit code. `args` is what follows the command's name. */
  run(args: readonly string[], io: Io): Promise<ExitCode>
}

/** Where a command writes, so that tests can read it. */
export interface Io {
  /** The answer: text for people, or one JSON document with `--json`. */
  out(line: string): void
  /** Progress, warnings and errors. */
  err(line: string): void
  /** What the command is at, in place of what this said last; absent where nobody watches a terminal. */
  live?(text: string): void
  /** Columns of the terminal; 100 when there is none. */
  readonly width: number
}

/** 0: fine. 1: the answer is bad news (problems found, a table refused). 2: called wrongly, or the answer could not be had. */
export type ExitCode = 0 | 1 | 2

/** Called wrongly: `landfall` prints the message with how the command is called, and exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
