import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { UsageError } from './command.ts'

/** What every command about a lake takes. */
export interface LakeArguments {
  /** The lake.yml; `undefined`: the one in the working directory. */
  readonly file: string | undefined
  readonly stage: string | undefined
  readonly json: boolean
}

/** The operands and options of one command, beside those that all have. */
export interface Accepted {
  /** In order. One that need not be given is written as `[QUEUE]`. */
  readonly operands?: readonly string[]
  readonly options?: ParseArgsOptionsConfig
}

export interface Arguments extends LakeArguments {
  readonly operands: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
}

/**
 * Reads `[OPERANDS] [FILE] [--stage STAGE] [--json]`. FILE is what ends in `.yml` or `.yaml`, wherever it stands, or else
 * what comes after the operands.
 * @throws {UsageError} for anything else
 */
export function readArguments(args: readonly string[], { operands = [], options = {} }: Accepted = {}): Arguments {
  const { values, positionals } = parse(args, options)
  const at = positionals.findIndex((each) => /\.ya?ml$/i.test(each))
  const named = at === -1 ? undefined : positionals[at]
  const others = positionals.filter((_, i) => i !== at)
  const [file, extra] = named === undefined ? others.slice(operands.length) : [named, others[operands.length]]
  if (extra !== undefined) throw new UsageError(`there is one argument too many: '${extra}'`)
  const given = others.slice(0, operands.length)
  const missing = operands[given.length]
  if (missing !== undefined && !missing.startsWith('[')) throw new UsageError(`${missing} is missing`)
  const { stage, json, ...rest } = values
  return { operands: given, options: rest, file, stage, json: json === true }
}

function parse(args: readonly string[], options: ParseArgsOptionsConfig) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...options, stage: { type: 'string' }, json: { type: 'boolean' } },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.replace(/\. To specify.*$/, '') : String(error))
  }
}

/**
 * A whole number that is not negative.
 * @throws {UsageError} naming the option
 */
export function wholeNumber(option: string, text: unknown): number {
  if (typeof text === 'string' && /^\d{1,15}$/.test(text)) return Number(text)
  throw new UsageError(`${option} takes a whole number, not '${String(text)}'`)
}
