/** The only place that reads a function's environment. Everything is read at once, checked, and frozen. */
export interface Config {
  /** Path of the resolved lake (`lake.json`), relative to the function's code. */
  readonly lakeFile: string
  readonly ledgerTable: string
  readonly busName: string
  /** Queue URL by reaction name. */
  readonly queues: Readonly<Record<string, string>>
  /** After this many deliveries SQS dead-letters a message: the queues' `maxReceiveCount`. */
  readonly maxReceives: number
  /** Folder of the function's code; outside Lambda the working directory. */
  readonly codeRoot: string
  /** `host:port` of the X-Ray daemon, if there is one. */
  readonly xrayDaemon?: string
  /** In the function `deployment`: the prefix of the ARNs of the roles that Landfall makes for models. See `modelRoleArn`. */
  readonly modelRoles?: string
}

class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * @throws {ConfigError} naming every variable that is missing or wrong
 */
export function readConfig(env: Environment = process.env): Config {
  const problems: string[] = []
  const need = (name: string): string => {
    const value = env[name]
    if (value === undefined || value === '') problems.push(`${name} is not set`)
    return value ?? ''
  }
  const config: Config = {
    lakeFile: need('LAKE_FILE'),
    ledgerTable: need('LEDGER_TABLE'),
    busName: need('BUS_NAME'),
    queues: readQueues(env['QUEUES'], problems),
    maxReceives: Number(need('MAX_RECEIVES')),
    codeRoot: env['LAMBDA_TASK_ROOT'] ?? process.cwd(),
    xrayDaemon: env['AWS_XRAY_DAEMON_ADDRESS'],
    modelRoles: env['MODEL_ROLES'],
  }
  if (problems.length > 0)
    throw new ConfigError(
      `the function's environment is incomplete: ${problems.join('; ')}. Deploy it again with serverless.yml.`,
    )
  return Object.freeze(config)
}

/** The trace of this invocation; Lambda sets it for each one. */
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
