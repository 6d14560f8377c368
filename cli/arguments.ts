import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { UsageError } from './command.ts'

/** The arguments that every command about a lake accepts. */
export interface LakeArguments {
  /** Path of the lake file; `undefined`: `./lake.yml`. */
  readonly file: string | undefined
  readonly stage: string | undefined
  readonly json: boolean
}

/** What one command accepts beyond {@link LakeArguments}. */
interface Accepted {
  /** In order. An optional one is written as `[QUEUE]`. */
  readonly operands?: readonly string[]
  readonly options?: ParseArgsOptionsConfig
}

interface Arguments extends LakeArguments {
  readonly operands: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
}

/** Lines of `--help` that commands share. Descriptions begin in column 19. */
export const help = {
  file: '  FILE            path to lake.yml (default: ./lake.yml)',
  stage: '  --stage STAGE   stage (default: dev; local: the running npm start)',
  json: '  --json          print JSON',
} as const

/**
 * Reads `[OPERANDS] [FILE] [--stage STAGE] [--json]`. FILE is the argument that ends in `.yml` or `.yaml`, in any position;
 * without such an argument, it is what follows the operands.
 * @throws {UsageError} for anything else
 */
export function readArguments(args: readonly string[], { operands = [], options = {} }: Accepted = {}): Arguments {
  const { values, positionals } = parse(args, options)
  const at = positionals.findIndex((each) => /\.ya?ml$/i.test(each))
  const named = at === -1 ? undefined : positionals[at]
  const others = positionals.filter((_, i) => i !== at)
  const [file, extra] = named === undefined ? others.slice(operands.length) : [named, others[operands.length]]
  if (extra !== undefined) throw new UsageError(`unexpected argument '${extra}'`)
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
  throw new UsageError(`${option} expects a whole number, found '${String(text)}'`)
}
