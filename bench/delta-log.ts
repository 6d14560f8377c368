/** Reading whole snapshots of large tables, beside delta-rs: each in its own process, alternating. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkpoint, writeCommits } from './delta-log/big-table.ts'
import { atMost, beside, type Figure, type Figures, median } from './figure.ts'

const ROUNDS = 5
const FILES_EACH = 1000

/** The output of a reader. */
interface Reading {
  readonly version: number
  readonly files: number
  readonly bytes: number
  readonly rows: number
  readonly seconds: number
  /** Peak resident memory. */
  readonly megabytes: number
}

export const figures: Figures = async (say) => {
  const python = findPython()
  const root = mkdtempSync(join(tmpdir(), 'landfall-bench-'))
  try {
    const [commits, checkpointed, million] = ['commits', 'checkpoint', 'million'].map((name) => join(root, name)) as [
      string,
      string,
      string,
    ]
    say('writing a table of 300,000 files, as commits and as a checkpoint')
    writeCommits(commits, 300, FILES_EACH)
    cpSync(commits, checkpointed, { recursive: true })
    checkpoint(checkpointed, python)
    const small = [
      ...compare('snapshot-300k-commits', commits, python, say),
      ...compare('snapshot-300k-checkpoint', checkpointed, python, say),
    ]
    rmSync(commits, { recursive: true })
    say('writing a table of 1,000,000 files')
    writeCommits(million, 1000, FILES_EACH)
    const fromCommits = ours(million)
    checkpoint(million, python)
    const fromCheckpoint = ours(million)
    say(`ours ${seconds(fromCommits)} and ${seconds(fromCheckpoint)}`)
    return [
      ...small,
      atMost('delta-log/memory-1m-commits', 'MB', fromCommits.megabytes, 1024),
      atMost('delta-log/memory-1m-checkpoint', 'MB', fromCheckpoint.megabytes, 1024),
    ]
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function compare(name: string, table: string, python: string, say: (line: string) => void): Figure[] {
  const pairs = Array.from(
    { length: ROUNDS },
    () => [ours(table), read(python, [join(import.meta.dirname, 'delta-log/peer.py'), table])] as const,
  )
  for (const [one, other] of pairs) requireSame(one, other)
  const middle = (side: 0 | 1, of: 'seconds' | 'megabytes') => median(pairs.map((pair) => pair[side][of]))
  say(`${name}: ours ${middle(0, 'seconds').toFixed(3)} s, delta-rs ${middle(1, 'seconds').toFixed(3)} s`)
  return [
    beside(`delta-log/${name}`, 's', middle(0, 'seconds'), 'delta-rs', middle(1, 'seconds'), 0.7),
    beside(`delta-log/${name}-memory`, 'MB', middle(0, 'megabytes'), 'delta-rs', middle(1, 'megabytes'), 1),
  ]
}

function ours(table: string): Reading {
  return read(process.execPath, ['--no-warnings', join(import.meta.dirname, 'delta-log/ours.ts'), table])
}

function read(command: string, args: readonly string[]): Reading {
  return JSON.parse(execFileSync(command, args, { encoding: 'utf8' })) as Reading
}

/** A fast answer is worth nothing if it is wrong. */
function requireSame(one: Reading, other: Reading): void {
  for (const field of ['version', 'files', 'bytes', 'rows'] as const)
    if (one[field] !== other[field]) throw new Error(`${field}: ours ${one[field]}, delta-rs ${other[field]}`)
}

function seconds(reading: Reading): string {
  return `${reading.seconds.toFixed(2)} s`
}

function findPython(): string {
  const own = join(import.meta.dirname, '../.venv/bin/python')
  if (process.env['LANDFALL_PYTHON'] !== undefined) return process.env['LANDFALL_PYTHON']
  if (existsSync(own)) return own
  throw new Error(`delta-rs is missing: expected ${own}, which npm test and npm start set up`)
}
