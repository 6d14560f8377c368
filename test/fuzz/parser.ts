import type { Random } from './random.ts'

/**
 * One parser that reads bytes which somebody else wrote, as production reaches it. An answer is a short name for what came out:
 * `read`, `nothing`, or the code of a refusal. Whatever is thrown is a failure, and so is an answer that is not in `answers`.
 */
export interface Parser {
  readonly name: string
  /** The Lambda function that runs it; its memory is the limit. */
  readonly lambda: string
  readonly seeds: readonly Seed[]
  /** Changes that know the format, beside the general ones of `mutate.ts`. */
  readonly mutators?: readonly Mutator[]
  readonly answers: readonly string[]
  /** Inputs that are made to be large, deep or dear. */
  readonly bombs: readonly Bomb[]
  run(input: Uint8Array, place: string): Promise<string>
}

/** A real file, or the part of one that is changed. */
export interface Seed {
  readonly name: string
  readonly bytes: Uint8Array
  /** Where the parser finds it: the name of a file, or its role. */
  readonly place: string
  /** Puts the changed part back into its file, with lengths, checksums and compression that fit. */
  readonly wrap?: (part: Uint8Array) => Uint8Array
  /** What the parser answers to it unchanged. */
  readonly answer: string
}

export interface Bomb {
  readonly name: string
  readonly place: string
  readonly make: () => Uint8Array
  /** Any of these is right. */
  readonly answers: readonly string[]
}

export type Mutator = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array
