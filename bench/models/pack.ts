/**
 * Packing a model of 2 GiB into a `model.tar.gz` with the real client, over HTTP to another process, beside MLflow's own
 * code. Once for time and memory, then once more to unpack and compare the result.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { bundleOptions } from '../../infra/bundle/options.ts'
import { clientEnvironment } from '../../local/cloud/emulator.ts'
import { atMost, beside, type Figure, type Figures } from '../figure.ts'
import { BUCKET, FOLDER } from './content.ts'

const ROOT = join(import.meta.dirname, '../..')
const PYTHON = join(ROOT, '.venv/bin/python')
const MIB = 2_048
/** The peer is so slow that it packs only a part. */
const PEER_MIB = 256
const PEER = 'mlflow.sagemaker: download, tarfile w:gz, upload'

export const packFigures: Figures = async (say) => {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-bench-'))
  try {
    // Bundled like a deployed function, since Node's TypeScript support takes tens of MB.
    const ours = join(folder, 'ours.mjs')
    await build({ ...bundleOptions, entryPoints: [at('ours.ts')], outfile: ours, absWorkingDir: ROOT })
    return await figuresOf(ours, say)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function figuresOf(ours: string, say: (line: string) => void): Promise<Figure[]> {
  say(`packs ${MIB} MiB`)
  const timed = await packed(MIB, 'discard', process.execPath, [ours])
  say('packing again, unpacked by tar on arrival')
  const checked = await packed(MIB, 'check', process.execPath, [ours])
  const { same, compared, completed } = checked.seen
  if (!same || compared !== MIB * 2 ** 20 || completed !== 1)
    throw new Error(`the package differs from the model: ${JSON.stringify(checked.seen)}`)
  say(`MLflow packs ${PEER_MIB} MiB`)
  const peer = await packed(PEER_MIB, 'discard', PYTHON, [at('peer.py'), BUCKET, FOLDER])
  const perGiB = (ms: number, mib: number) => (ms / 1000 / mib) * 1024
  say(`ours ${rate(timed.ms, MIB)} MiB/s in ${timed.seen.parts} parts, MLflow's ${rate(peer.ms, PEER_MIB)} MiB/s`)
  const memory = Math.max(timed.megabytes, checked.megabytes)
  return [
    beside('models/pack-a-GiB', 's', perGiB(timed.ms, MIB), PEER, perGiB(peer.ms, PEER_MIB), 0.5),
    atMost('models/pack-memory-of-2-GiB', 'MB', memory, 256),
  ]
}

const at = (file: string): string => join(import.meta.dirname, file)
const rate = (ms: number, mib: number): string => ((mib * 1000) / ms).toFixed(0)

interface Seen {
  readonly parts: number
  readonly completed: number
  readonly compared: number
  readonly same: boolean
}

async function packed(mib: number, check: 'check' | 'discard', file: string, args: readonly string[]) {
  const sink = spawn(process.execPath, ['--no-warnings', at('sink.ts'), String(mib), check], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(sink.stdout)[Symbol.asyncIterator]()
  try {
    const { value: port } = (await lines.next()) as { value: string }
    const others = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))
    const env = { ...Object.fromEntries(others), ...clientEnvironment(`http://127.0.0.1:${port}`) }
    const { stdout } = await promisify(execFile)(file, args, { env })
    const measured = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { ms: number; megabytes: number }
    sink.stdin.end()
    const { value: report } = (await lines.next()) as { value: string }
    return { ...measured, seen: JSON.parse(report) as Seen }
  } finally {
    const gone = sink.exitCode === null && sink.signalCode === null ? once(sink, 'exit') : undefined
    sink.kill()
    await gone
  }
}
