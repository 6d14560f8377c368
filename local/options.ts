import { parseArgs } from 'node:util'

/** The options of `npm start`. */
export interface StartOptions {
  /** Exit when the demo has ended. */
  readonly once: boolean
  /** Of the emulator. Default: a free one. */
  readonly port: number | undefined
  /** Names of the parts to run. Empty: all of them. */
  readonly only: readonly string[]
  readonly list: boolean
  readonly help: boolean
}

export const HELP = `npm start [-- OPTIONS]

Starts an AWS emulator on this machine, deploys lake.yml to it and shows what
Landfall does, on real data. It then stays up until Ctrl-C. Nothing reaches AWS.

  --only NAME[,NAME]  run these parts of the demo (default: all of them)
  --list              print the parts, start nothing
  --once              exit after the demo: 0 if all checks passed, 1 if not
  --port PORT         port of the emulator (default: a free one)
  --help              print this

  npm start -- --only catalog --once`

/** @throws Error that names what is wrong and what is allowed */
export function startOptions(args: readonly string[], parts: readonly string[]): StartOptions {
  const { once, port, only, list, help } = parse(args)
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536))
    throw new Error(`--port takes a port, 1 to 65535, not '${port}'`)
  const names = only.flatMap((each) => each.split(',')).map((name) => name.trim())
  const unknown = names.filter((name) => !parts.includes(name))
  if (unknown.length > 0)
    throw new Error(
      `the demo has no part ${unknown.map((name) => `'${name}'`).join(', ')}; its parts: ${parts.join(', ')}`,
    )
  return { once, port: port === undefined ? undefined : Number(port), only: names, list, help }
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: flag,
        port: { type: 'string' },
        only: { type: 'string', multiple: true, default: [] },
        list: flag,
        help: flag,
      },
    }).values
  } catch (cause) {
    throw new Error('the options are --only NAME[,NAME], --list, --once, --port PORT and --help', { cause })
  }
}
