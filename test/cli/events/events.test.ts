import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { main } from '../../../cli/main.ts'
import { readVersions } from '../../../cli/events/read.ts'
import { HEADING, linesOf, short } from '../../../cli/events/text.ts'
import { factOf } from '../../../src/reactions/announce/decide.ts'
import { deltaVersions } from '../../../src/reactions/announce/delta-versions.ts'
import type { CommitDetail, CommitSummary } from '../../../src/reactions/announce/facts.ts'
import { folderStore } from '../../../src/tables/node/folder.ts'
import {
  add,
  commitKey,
  features,
  lines,
  logOf,
  metaData,
  parquet,
  start,
  writtenAt,
} from '../../tables/delta/log-builder.ts'
import { flights, info, summaries } from '../../reactions/announce/given.ts'

const root = mkdtempSync(join(tmpdir(), 'landfall-events-'))
afterAll(() => rmSync(root, { recursive: true }))

function folderOf(name: string, commits: Parameters<typeof logOf>[0]): string {
  const folder = join(root, name)
  mkdirSync(join(folder, '_delta_log'), { recursive: true })
  for (const [version, actions] of commits.entries()) writeFileSync(join(folder, commitKey(version)), lines(actions))
  return folder
}

async function landfall(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []]
  const code = await main(args, { out: (line) => out.push(line), err: (line) => err.push(line), width: 80 })
  return { code, out, err: err.join('\n') }
}

/** Only lake.yml has the names of lake and table. */
function withoutNames(detail: CommitDetail): Omit<CommitDetail, 'lake' | 'table'> {
  const { lake: _lake, table: _table, ...rest } = detail
  return rest
}

const commits = [start, ...[1, 2, 3, 4].map((i) => [info('WRITE'), add(`f${i}`, { size: i * 1_000 })])]
const folder = folderOf('flights', commits)

describe('landfall events', () => {
  test('prints one line per version, without a deployment', async () => {
    const { code, out } = await landfall('events', folder)
    expect(code).toBe(0)
    expect(out[0]).toBe(HEADING)
    expect(
      out
        .slice(1)
        .filter((line) => /^ *\d/.test(line))
        .map((line) => Number(line.slice(0, 5))),
    ).toEqual([0, 1, 2, 3, 4])
    expect(out.at(-1)).toMatch(/^ {4}4 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}WRITE {7}\+1 {11}\+4.0k {8}\+10$/)
  })

  test('with --json prints the facts of the bus, except the names of lake and table', async () => {
    const { out } = await landfall('events', folder, '--json')
    const facts = (await summaries(deltaVersions(folderStore(folder)))).map((summary) =>
      withoutNames(factOf('l', flights, summary).detail),
    )
    expect(out.map((line) => JSON.parse(line) as object)).toEqual(
      facts.map((detail) => ({ ...detail, location: folder })),
    )
  })

  test('prints the requested versions', async () => {
    const versions = async (...args: string[]) =>
      (await landfall('events', folder, '--json', ...args)).out.map(
        (line) => (JSON.parse(line) as CommitSummary).version,
      )
    expect(await versions('--from', '3')).toEqual([3, 4])
    expect(await versions('--to', '1')).toEqual([0, 1])
    expect(await versions('--from', '2', '--to', '2')).toEqual([2])
    expect(await versions('--from', '9')).toEqual([])
  })

  test('succeeds if there are no new versions, and fails if there is no table', async () => {
    expect(await landfall('events', folder, '--from', '9')).toMatchObject({
      code: 0,
      out: [],
      err: expect.stringContaining('the log has no commit of version 9 or later'),
    })
    expect(await landfall('events', join(root, 'nowhere'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('no table'),
    })
  })

  test('of a table whose commits were all cleaned up, says that the log has none', async () => {
    const cleaned = folderOf('cleaned', [])
    writeFileSync(join(cleaned, '_delta_log/00000000000000000004.checkpoint.parquet'), parquet(start))
    expect(await landfall('events', cleaned)).toMatchObject({
      code: 0,
      out: [],
      err: expect.stringContaining('the log has no commit of version 0 or later'),
    })
  })

  test('answers wrong usage with exit code 2 and the reason', async () => {
    expect(await landfall('events', folder, '--from', '3', '--to', '2')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--from 3 is after --to 2'),
    })
    expect(await landfall('events', folder, 'lake.yml')).toMatchObject({ code: 2 })
    expect(await landfall('events', folder, '--from', 'x')).toMatchObject({ code: 2 })
    expect(await landfall('events', 'gs://bucket/table')).toMatchObject({ code: 2 })
    expect(await landfall('events')).toMatchObject({ code: 2, err: expect.stringContaining('TABLE is missing') })
  })

  test('prints the versions before an unreadable one, and exits with 1', async () => {
    const broken = folderOf('broken', [...commits.slice(0, 2), [features(['fromTheFuture'])]])
    expect(await landfall('events', broken, '--json')).toMatchObject({
      code: 1,
      out: [expect.any(String), expect.any(String)],
      err: expect.stringContaining('fromTheFuture'),
    })
  })

  test('rejects a table that is not in the lake', async () => {
    const lake = join(root, 'lake.yml')
    writeFileSync(
      lake,
      'lake: flights\nbuckets: { b: flights }\ntables: { t: { location: "s3://flights/t", format: delta } }\n',
    )
    expect(await landfall('events', 'other', lake)).toMatchObject({
      code: 2,
      err: expect.stringContaining('other'),
    })
  })
})

describe('reading versions', () => {
  test('waits for new ones until it is stopped', async () => {
    const store = logOf([start])
    const follow = new AbortController()
    const seen: number[] = []
    const reading = { follow: follow.signal, every: 1 }
    for await (const { version } of readVersions(deltaVersions(store), reading)) {
      seen.push(version)
      if (version === 3) follow.abort()
      else store.put(commitKey(version + 1), lines([add(`f${version}`)]), writtenAt(version + 1))
    }
    expect(seen).toEqual([0, 1, 2, 3])
  })

  test('waits for a table that does not exist yet', async () => {
    const store = logOf([])
    setTimeout(() => store.put(commitKey(0), lines(start), writtenAt(0)), 20)
    const reading = { follow: new AbortController().signal, every: 1, to: 0 }
    for await (const { version } of readVersions(deltaVersions(store), reading)) expect(version).toBe(0)
    expect.assertions(1)
  })

  test('reports the missing versions after --from, and none if it starts at the oldest version', async () => {
    const store = logOf([[...start, add('a')]], 7)
    store.put('_delta_log/00000000000000000007.checkpoint.parquet', '')
    const first = async (from?: number) => {
      for await (const { missed } of readVersions(deltaVersions(store), { from, every: 1 })) return missed
    }
    expect(await first(3)).toEqual({ from: 3, to: 6 })
    expect(await first()).toBeUndefined()
  })
})

describe('a line of output', () => {
  const summary: CommitSummary = {
    id: 'x',
    version: 12_345,
    timestamp: 0,
    operation: 'CREATE OR REPLACE TABLE AS SELECT',
    dataChange: true,
    files: { added: 99_999, removed: 99_999, updated: 0 },
    bytes: { added: 123_456_789_012, removed: 123_456_789 },
    rows: { added: 99_999_999, removed: null },
    partitions: { count: 123_456, first: [] },
  }

  test('with the largest numbers fits 80 columns', () => {
    expect(HEADING.length).toBeLessThanOrEqual(80)
    expect(linesOf(summary, 80)[0]).toMatch(/^12345 {2}1970-01-01 00:00 {2}CREAT…LECT {2}\+100k -100k {2}/)
    for (const line of linesOf(summary, 80)) expect(line.length).toBeLessThanOrEqual(80)
  })

  test.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1.0k'],
    [9_940, '9.9k'],
    [9_960, '10k'],
    [999_499, '999k'],
    [999_500, '1.0M'],
    [12_345_678, '12M'],
    [null, '?'],
  ])('%s is written as %s', (value, text) => {
    expect(short(value)).toBe(text)
  })

  test('has no control characters of the writer', () => {
    expect(linesOf({ ...summary, operation: 'a\n\u001b[31m' }, 80)[0]).toContain('00:00  a  [31m')
  })

  test('is followed by a line of changes to schema and properties', async () => {
    const [, fact] = await summaries(
      deltaVersions(
        logOf([
          start,
          [metaData({ schemaString: JSON.stringify({ type: 'struct', fields: [] }), configuration: { a: 'b' } })],
        ]),
      ),
    )
    expect(linesOf(fact!, 80)[1]).toBe('       dropped id, day; set a=b')
    expect(linesOf({ ...fact!, schema: null, missed: { from: 3, to: 3 } }, 200)[1]).toBe(
      '       1 version before it cleaned up from the log; schema changed or not: the version before is gone; set a=b',
    )
  })
})
