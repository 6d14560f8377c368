import { type Command, type ExitCode, type Io, UsageError } from './command.ts'
import { Refused } from '../src/core/refused.ts'

/** Loaded when asked for, so that no command pays for another's clients. */
export const commands: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  check: () => import('./check/command.ts'),
  table: () => import('./table/command.ts'),
  status: () => import('./status/command.ts'),
  sweep: () => import('./sweep/command.ts'),
  replay: () => import('./replay/command.ts'),
  rollback: () => import('./rollback/command.ts'),
  webhooks: () => import('./webhooks/command.ts'),
  backfill: () => import('./backfill/command.ts'),
  redrive: () => import('./redrive/command.ts'),
  pause: () => import('./pause/command.ts'),
  resume: () => import('./resume/command.ts'),
}

/** Runs `landfall ARGS`. Errors become a message with what to do, and an exit code. */
export async function main(args: readonly string[], io: Io): Promise<ExitCode> {
  const [name, ...rest] = args
  if (name === undefined || isHelp(name) || name === 'help') return help(io)
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (load === undefined) {
    io.err(`landfall: there is no command '${name}'. The commands are: ${Object.keys(commands).join(', ')}.`)
    return 2
  }
  const { command } = await load()
  if (rest.some(isHelp)) {
    io.out(command.usage)
    return 0
  }
  try {
    return await command.run(rest, io)
  } catch (error) {
    return report(name, command, error, io)
  }
}

const isHelp = (arg: string): boolean => arg === '--help' || arg === '-h'

async function help(io: Io): Promise<ExitCode> {
  io.out('landfall COMMAND [OPTIONS]\n')
  for (const [name, load] of Object.entries(commands)) io.out(`  ${name.padEnd(12)}${(await load()).command.summary}`)
  io.out('\nlandfall COMMAND --help says more. Every command that prints takes --json.')
  return 0
}

function report(name: string, command: Command, error: unknown, io: Io): ExitCode {
  const message = error instanceof Error ? error.message : String(error)
  io.err(`landfall ${name}: ${message}`)
  if (error instanceof Refused) {
    if (error.detail.advice !== undefined) io.err(`  ${error.detail.advice}`)
    return 1
  }
  if (error instanceof UsageError) io.err(`\n${command.usage.split('\n')[0]}\nlandfall ${name} --help says more.`)
  for (let cause = error instanceof Error ? error.cause : undefined; cause instanceof Error; cause = cause.cause)
    io.err(`  because: ${cause.message}`)
  return 2
}
