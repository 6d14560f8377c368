/** A command of `landfall`: a folder in `cli/`, and a row in the table of `cli/main.ts`. */
export interface Command {
  /** One line for `landfall --help`. */
  readonly summary: string
  /** What `landfall NAME --help` prints: the synopsis, the options, an example. At most 80 columns wide. */
  readonly usage: string
  /** `args` is what follows the command's name. */
  run(args: readonly string[], io: Io): Promise<ExitCode>
}

/** Where a command writes. Tests bring their own. */
export interface Io {
  /** The answer: text, or one JSON document with `--json`. */
  out(line: string): void
  /** Progress, warnings and errors. */
  err(line: string): void
  /** Replaces the current progress line; absent without a terminal. */
  live?(text: string): void
  /** Columns of the terminal; 100 without one. */
  readonly width: number
}

/** 0: success. 1: the answer is negative (problems found, a table refused). 2: wrong usage, or no answer. */
export type ExitCode = 0 | 1 | 2

/** Wrong usage: `landfall` prints the message and the synopsis, and exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** There is no answer, and the operator can do something about it: `landfall` prints both, and exits with 2. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly advice: string

  constructor(message: string, advice: string, options?: ErrorOptions) {
    super(message, options)
    this.advice = advice
  }
}
