/** The one place that reads the environment of a function. Everything is read at once, checked, and frozen. */
export interface Config {
  /** Path of the resolved lake (`lake.json`), relative to the function's code. */
  readonly lakeFile: string
  readonly ledgerTable: string
  readonly busName: string
  /** Queue URL by reaction name. */
  readonly queues: Readonly<Record<string, string>>
  /** After this many deliveries SQS gives a message up: the queues' `maxReceiveCount`. */
  readonly maxReceives: number
  /** Where the function's code lies; the working directory outside Lambda. */
  readonly codeRoot: string
  /** `host:port` of the X-Ray daemon; absent where there is none. */
  readonly xrayDaemon?: string
  /** Of the function `deployment`: what the ARNs of the roles that Landfall made for models begin with. See `modelRoleArn`. */
  readonly modelRoles?: string
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * @throws {ConfigError} naming every variable that is missing or wrong, not only the first.
 */
export function readConfig(env: Environment = process.env): Config {
  const problems: string[] = []
  const need = (name: string): string => {
    const value = env[name]
    if (value === undefined || value === '') problems.push(`${name} is not set`)
    return value ?? ''
  }
  const daemon = env['AWS_XRAY_DAEMON_ADDRESS']
  const roles = env['MODEL_ROLES']
  const config: Config = {
    lakeFile: need('LAKE_FILE'),
    ledgerTable: need('LEDGER_TABLE'),
    busName: need('BUS_NAME'),
    queues: readQueues(env['QUEUES'], problems),
    maxReceives: Number(need('MAX_RECEIVES')),
    codeRoot: env['LAMBDA_TASK_ROOT'] ?? process.cwd(),
    ...(daemon === undefined ? {} : { xrayDaemon: daemon }),
    ...(roles === undefined ? {} : { modelRoles: roles }),
  }
  if (problems.length > 0)
    throw new ConfigError(
      `the function's environment is incomplete: ${problems.join('; ')}. Deploy it again with serverless.yml.`,
    )
  return Object.freeze(config)
}

/** The trace that this invocation belongs to; Lambda sets it anew for each. */
export function traceHeader(env: Environment = process.env): string | undefined {
  return env['_X_AMZN_TRACE_ID']
}

function readQueues(text: string | undefined, problems: string[]): Record<string, string> {
  if (text === undefined || text === '') return {}
  try {
    const queues: unknown = JSON.parse(text)
    if (typeof queues === 'object' && queues !== null && Object.values(queues).every((url) => typeof url === 'string'))
      return queues as Record<string, string>
  } catch {
    // Reported below, with what was found.
  }
  problems.push(`QUEUES is not a JSON object of queue URLs by reaction name, but '${text.slice(0, 80)}'`)
  return {}
}
