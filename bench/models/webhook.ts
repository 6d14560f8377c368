/**
 * The bundled webhook, called like by Lambda: it verifies a delivery of MLflow, checks whether it is a repeat, queues it and
 * remembers it. The peer is the same function without verification. SQS, DynamoDB and Secrets Manager are a server in this
 * process that answers immediately; the function runs in its own process. So only the function, its SDK and the loopback are
 * measured. Rates are per core, by the CPU time of the function's process.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { bundleOptions } from '../../infra/bundle/options.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { serializeLake } from '../../src/lake/lake-json.ts'
import { atMost, type Figure, type Figures, median, percentile } from '../figure.ts'
import { modelOf } from '../../test/world/model-builder.ts'
import { type Aws, startAws } from './webhook-aws.ts'

const ROOT = join(import.meta.dirname, '../..')
const SECRET = 's3cr3t-hmac-key'
const ROUNDS = 5
const WARM = 500
const DELIVERIES = 2_000
const FORGERIES = 20_000

/** Times in ms; CPU per delivery. */
export interface Run {
  readonly times: readonly number[]
  readonly cpu: number
  readonly forged: number
}

export const webhookFigures: Figures = async (say) => {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-bench-'))
  const aws = await startAws(JSON.stringify({ webhook: [SECRET, 'before'] }))
  try {
    await writeFile(join(folder, 'lake.json'), serializeLake(lake))
    const ours = await bundle(join(folder, 'webhook.mjs'), [])
    const peer = await bundle(join(folder, 'peer.mjs'), [withoutVerification])
    const runs: Record<'ours' | 'peer', Run[]> = { ours: [], peer: [] }
    for (let round = 1; round <= ROUNDS; round++) {
      say(
        `round ${round} of ${ROUNDS}: ${DELIVERIES} deliveries, ${FORGERIES} forgeries, and as many unverified deliveries`,
      )
      runs.ours.push(await run(ours, folder, aws, FORGERIES))
      runs.peer.push(await run(peer, folder, aws, 0))
    }
    return figuresOf(runs, aws)
  } finally {
    aws.close()
    await rm(folder, { recursive: true })
  }
}

function figuresOf({ ours, peer }: Record<'ours' | 'peer', Run[]>, { calls }: Aws): Figure[] {
  const unverified = 'the same, verifying nothing'
  const rate = (runs: readonly Run[]) => 1000 / median(runs.map(({ cpu }) => cpu))
  const p99 = (runs: readonly Run[]) => median(runs.map(({ times }) => percentile(times, 99)))
  const deliveries = 2 * ROUNDS * (WARM + DELIVERIES)
  const queueing = ['GetItem', 'SendMessageBatch', 'PutItem'].map((operation) => calls.get(operation) ?? 0)
  // For these, only the secrets are read, once.
  const forgeries = 1000 / median(ours.map(({ forged }) => forged))
  return [
    atLeast('models/webhook-rate', '/s of a core', rate(ours), unverified, rate(peer), 0.9),
    {
      ...atMost('models/webhook-p99', 'ms', p99(ours), 1000),
      peer: unverified,
      peerValue: p99(peer),
      ratio: p99(ours) / p99(peer),
    },
    atMost('models/webhook-calls', 'calls', queueing.reduce((sum, count) => sum + count, 0) / deliveries, 3),
    atMost('models/webhook-secrets-read', 'calls', (calls.get('GetSecretValue') ?? 0) / (2 * ROUNDS), 2),
    {
      name: 'models/webhook-forgery-rate',
      unit: '/s of a core',
      value: forgeries,
      peer: '',
      peerValue: null,
      ratio: null,
      aim: '≥ 10000 /s of a core',
      met: forgeries >= 10_000,
    },
  ]
}

function atLeast(name: string, unit: string, value: number, peer: string, peerValue: number, times: number): Figure {
  const ratio = value / peerValue
  return { name, unit, value, peer, peerValue, ratio, aim: `≥ ${times} × peer`, met: ratio >= times }
}

async function bundle(outfile: string, plugins: readonly Plugin[]): Promise<string> {
  const entryPoints = [join(ROOT, 'functions/webhook.ts')]
  await build({
    ...bundleOptions,
    entryPoints,
    outfile,
    absWorkingDir: ROOT,
    plugins: [...plugins, ...bundleOptions.plugins],
  })
  return outfile
}

/** The same sources without verification. */
const withoutVerification: Plugin = {
  name: 'without-verification',
  setup(build) {
    build.onResolve({ filter: /reactions\/webhooks\.ts$/ }, ({ path, namespace, resolveDir }) =>
      namespace === 'unverified' ? undefined : { path: join(resolveDir, path), namespace: 'unverified' },
    )
    build.onLoad({ filter: /./, namespace: 'unverified' }, ({ path }) => ({
      resolveDir: join(path, '..'),
      contents: `import { webhookSources as verifying } from '../reactions/webhooks.ts'
        const believe = (source) => ({ ...source, verify: async () => 'genuine' })
        export const webhookSources = (...all) =>
          Object.fromEntries(Object.entries(verifying(...all)).map(([path, source]) => [path, believe(source)]))`,
    }))
  },
}

async function run(file: string, folder: string, { endpoint }: Aws, forgeries: number): Promise<Run> {
  const child = fork(join(import.meta.dirname, 'webhook-run.ts'), {
    // The function writes its log, a line for each delivery, as in Lambda. It is only read after an error.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      PATH: process.env['PATH'],
      BUNDLE: file,
      SECRET,
      WARM: String(WARM),
      DELIVERIES: String(DELIVERIES),
      FORGERIES: String(forgeries),
      LAMBDA_TASK_ROOT: folder,
      LAKE_FILE: 'lake.json',
      LEDGER_TABLE: 'ledger',
      BUS_NAME: 'bus',
      MAX_RECEIVES: '10',
      QUEUES: JSON.stringify({ deployment: `${endpoint}/000000000000/deployment` }),
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
    },
  })
  const log: string[] = []
  child.stderr!.setEncoding('utf8').on('data', (text: string) => void log.push(text))
  const exited = once(child, 'exit') as Promise<[number | null]>
  const message = await Promise.race([once(child, 'message') as Promise<[Run]>, exited.then(([code]) => code)])
  if (!Array.isArray(message))
    throw new Error(`the webhook's process ended with ${message}, and no figures:\n${log.join('')}`)
  await exited
  return message[0]
}

const lake: Lake = {
  name: 'bench',
  stage: 'bench',
  buckets: {},
  tables: {},
  registries: {
    main: {
      kind: 'mlflow',
      host: 'https://mlflow.example.com',
      secret: 'mlflow',
      artifacts: { bucket: 'models', prefix: 'mlflow' },
    },
  },
  models: {
    delay: modelOf({ registered: 'delay' }),
  },
}
