import { Refused } from '../src/core/refused.ts'
import { type Command, CommandError, type ExitCode, type Io, UsageError } from './command.ts'

/** Loaded on demand, so that no command pays for another's clients. */
export const commands: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  check: () => import('./check/command.ts'),
  table: () => import('./table/command.ts'),
  events: () => import('./events/command.ts'),
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

/** Runs `landfall ARGS`. Errors become a message with advice, and an exit code. */
export async function main(args: readonly string[], terminal: Io): Promise<ExitCode> {
  const io = withoutControls(terminal)
  const [name, ...rest] = args
  if (name === undefined || isHelp(name) || name === 'help') return help(io)
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (load === undefined) {
    io.err(`landfall: unknown command '${name}'`)
    io.err(`  The commands are ${Object.keys(commands).join(', ')}.`)
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

/**
 * Keys of objects, names in files and what services say are printed too, and a terminal obeys control characters. They are shown
 * as JSON escapes them, so that JSON says the same as before.
 */
function withoutControls(io: Io): Io {
  const shown = (text: string) =>
    text.replaceAll(/[^\P{Cc}\t\n]/gu, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return { ...io, out: (line) => io.out(shown(line)), err: (line) => io.err(shown(line)) }
}

const isHelp = (arg: string): boolean => arg === '--help' || arg === '-h'

async function help(io: Io): Promise<ExitCode> {
  io.out('Usage: landfall COMMAND [OPTIONS]\n')
  for (const [name, load] of Object.entries(commands)) io.out(`  ${name.padEnd(12)}${(await load()).command.summary}`)
  io.out('\nFor details: landfall COMMAND --help. Every command accepts --json.')
  return 0
}

function report(name: string, command: Command, error: unknown, io: Io): ExitCode {
  const message = error instanceof Error ? error.message : String(error)
  io.err(`landfall ${name}: ${message}`)
  const advice =
    error instanceof Refused ? error.detail.advice : error instanceof CommandError ? error.advice : undefined
  if (advice !== undefined) io.err(`  ${advice}`)
  if (error instanceof Refused) return 1
  if (error instanceof UsageError) io.err(`\nUsage: ${synopsis(command)}\nFor details: landfall ${name} --help`)
  for (let cause = error instanceof Error ? error.cause : undefined; cause instanceof Error; cause = cause.cause)
    io.err(`  Caused by: ${cause.message}`)
  return 2
}

/** How a command is called: what its usage begins with, up to the first empty line. */
const synopsis = ({ usage }: Command): string => usage.slice(0, usage.indexOf('\n\n'))
