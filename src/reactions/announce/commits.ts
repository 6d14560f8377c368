/** Reads commits of a Delta log one by one, in order, without holding one that is large. */
import { lineEnd, LONGEST_LINE, readLine, type CommitHead } from '../../tables/delta/commit.ts'
import type { Listed, TableStore } from '../../tables/store.ts'
import { digest } from './identity.ts'
import { CommitTally } from './tally.ts'

export interface CommitContent {
  readonly version: number
  /** When it was written, in ms since the epoch. */
  readonly modified: number
  readonly head: CommitHead
  readonly tally: CommitTally
  /** Of its bytes. */
  readonly digest: string
}

/** At most so many commits are fetched at once … */
const AHEAD = 8
/** … of at most so many bytes together; a larger one is read in pieces of this size. */
const PIECE = 8_000_000

type ListedCommit = Listed & { readonly version: number }

export async function* readCommits(store: TableStore, commits: readonly ListedCommit[]): AsyncGenerator<CommitContent> {
  for (let at = 0; at < commits.length;) {
    const some = together(commits, at)
    if (some.length === 0) {
      yield await readCommit(commits[at]!, pieces(store, commits[at]!))
      at += 1
      continue
    }
    const fetched = await Promise.all(some.map(({ key }) => store.get(key)))
    for (const [i, commit] of some.entries()) yield await readCommit(commit, [present(fetched[i]?.bytes, commit)])
    at += some.length
  }
}

/** The commits from `at` on that may be fetched at once; none when the first is too large for it. */
function together(commits: readonly ListedCommit[], at: number): ListedCommit[] {
  let bytes = 0
  const some = commits.slice(at, at + AHEAD)
  const end = some.findIndex(({ size }) => (bytes += size) > PIECE)
  return end === -1 ? some : some.slice(0, end)
}

async function* pieces(store: TableStore, commit: ListedCommit): AsyncGenerator<Uint8Array> {
  const file = present(await store.open(commit.key, commit.size), commit)
  for (let from = 0; from < file.byteLength; from += PIECE)
    yield new Uint8Array(await file.slice(from, Math.min(from + PIECE, file.byteLength)))
}

/** The next round will find the gap, where the log is being cleaned up. */
function present<Value>(value: Value | undefined, { key }: Listed): Value {
  if (value === undefined) throw new Error(`${key} is gone, although it was listed a moment ago`)
  return value
}

async function readCommit(
  { key, version, modified }: ListedCommit,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<CommitContent> {
  const [head, tally, hash]: [CommitHead, CommitTally, ReturnType<typeof digest>] = [
    { sidecars: [] },
    new CommitTally(),
    digest(),
  ]
  let [line, rest] = [0, new Uint8Array(0)]
  for await (const piece of bytes) {
    hash.update(piece)
    const text = rest.length === 0 ? piece : joined(rest, piece)
    let start = 0
    for (let end = lineEnd(text, start); end < text.length; end = lineEnd(text, start)) {
      readLine(key, (line += 1), text.subarray(start, end), head, (action, spelled) => tally.take(action, spelled))
      start = end + 1
    }
    rest = text.slice(start)
    // Refused here, before all of it is held.
    if (rest.length > LONGEST_LINE) break
  }
  if (rest.length > 0) readLine(key, line + 1, rest, head, (action, spelled) => tally.take(action, spelled))
  return { version, modified, head, tally, digest: hash.end() }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}
