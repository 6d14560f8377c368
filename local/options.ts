import { parseArgs } from 'node:util'

/** What `npm start` takes after `--`. */
export interface StartOptions {
  /** End after the scenario. */
  readonly once: boolean
  /** That the emulator listens on; a free one without it. */
  readonly port: number | undefined
}

/** @throws Error that says what is wrong, and what there is */
export function startOptions(args: readonly string[]): StartOptions {
  const { once, port } = parse(args)
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536))
    throw new Error(`--port takes a port, 1 to 65535, not '${port}'`)
  return { once, port: port === undefined ? undefined : Number(port) }
}

function parse(args: readonly string[]): { once: boolean; port?: string } {
  try {
    const options = { once: { type: 'boolean', default: false }, port: { type: 'string' } } as const
    return parseArgs({ args: [...args], options }).values
  } catch (cause) {
    throw new Error('it takes nothing but -- --once and -- --port N', { cause })
  }
}
