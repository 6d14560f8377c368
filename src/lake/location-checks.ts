/** Checks of buckets, and of the locations in them. */
import { keyPrefix } from './lake.ts'
import { parseLocation } from './location.ts'
import type { Named } from './part.ts'
import type { ClosestMatch } from './closest-match.ts'
import { didYouMean, quoted, type Finding } from './problem.ts'
import { byPlace, select, textOf, type Found, type MapNode } from './tree.ts'

const TABLES = 'tables.*.location'

/** @param outputs patterns of the locations that Landfall writes to. They need a declared bucket, since rights are granted on those. */
export function locationFindings(root: MapNode, outputs: readonly string[], closest: ClosestMatch): Finding[] {
  const tables = locatedAt(root, [TABLES])
  return [
    ...undeclaredBuckets(root, [TABLES, ...outputs], closest),
    ...overlaps(tables),
    ...outputsInTables(tables, locatedAt(root, outputs)),
  ]
}

export function bucketNames(root: MapNode): Named[] {
  return select(root, 'buckets.*').flatMap((bucket) => {
    const [inner] = select(bucket.node, 'name')
    const found = inner === undefined ? bucket : { ...inner, path: [...bucket.path, 'name'] }
    const name = textOf(found.node)
    return name === undefined ? [] : [{ ...found, name }]
  })
}

interface Located {
  readonly found: Found
  /** `bucket/prefix/`: every location inside begins with it. */
  readonly uri: string
}

function locatedAt(root: MapNode, patterns: readonly string[]): Located[] {
  return patterns
    .flatMap((pattern) => select(root, pattern))
    .flatMap((found) => {
      const location = parseLocation(textOf(found.node) ?? '')
      return location === undefined ? [] : [{ found, uri: `${location.bucket}/${keyPrefix(location)}` }]
    })
}

function undeclaredBuckets(root: MapNode, patterns: readonly string[], closest: ClosestMatch): Finding[] {
  const buckets = bucketNames(root).map(({ name }) => name)
  const areValid = buckets.length === select(root, 'buckets.*').length
  return patterns
    .flatMap((pattern) => select(root, pattern))
    .flatMap((found) => {
      const bucket = parseLocation(textOf(found.node) ?? '')?.bucket
      if (bucket === undefined || !areValid || buckets.includes(bucket)) return []
      const suggestion = closest(bucket, buckets)
      const message = `the bucket '${bucket}' is not declared under buckets${didYouMean(suggestion)}`
      return [
        {
          at: found.node.at,
          path: found.path,
          expected: 'a bucket that is declared under buckets',
          found: quoted(bucket),
          message,
          suggestion,
        },
      ]
    })
}

/** Tables that share a location, or that lie inside another: an object would belong to both. Sorting puts outer tables first. */
function overlaps(tables: readonly Located[]): Finding[] {
  const located = [...tables]
  located.sort((a, b) => (a.uri < b.uri ? -1 : a.uri > b.uri ? 1 : byPlace(a.found, b.found)))
  const around: Located[] = []
  return located.flatMap((each) => {
    while (around.length > 0 && !each.uri.startsWith(around.at(-1)!.uri)) around.pop()
    const outer = around.at(-1)
    around.push(each)
    return outer === undefined ? [] : [overlap(each, outer)]
  })
}

function overlap(inner: Located, outer: Located): Finding {
  const relation = inner.uri === outer.uri ? 'same location as' : 'location overlaps with'
  const [blamed, other] = byPlace(inner.found, outer.found) < 0 ? [outer, inner] : [inner, outer]
  const name = other.found.path[1]
  const message = `${relation} tables.${name}, s3://${other.uri.replace(/\/$/, '')}: an object can belong to only one table`
  return {
    at: blamed.found.node.at,
    path: blamed.found.path,
    expected: 'a location outside of other tables',
    found: `s3://${blamed.uri.replace(/\/$/, '')}`,
    message,
  }
}

/** Locations that Landfall writes to and that overlap with a table: what is written would become files of the table. */
function outputsInTables(tables: readonly Located[], others: readonly Located[]): Finding[] {
  const tableAt = new Map(tables.map((table) => [table.uri, table]))
  const inside = new Map(tables.flatMap((table) => outer(table.uri).map((uri) => [uri, table])))
  return others.flatMap(({ found, uri }) => {
    const table = [uri, ...outer(uri)].map((each) => tableAt.get(each)).find(Boolean) ?? inside.get(uri)
    if (table === undefined) return []
    const where = `s3://${table.uri.replace(/\/$/, '')}`
    const message = `location overlaps with tables.${table.found.path[1]}, ${where}: files written there would become files of the table`
    const expected = 'a location outside of tables'
    return [{ at: found.node.at, path: found.path, expected, found: `s3://${uri.replace(/\/$/, '')}`, message }]
  })
}

/** All locations that contain this one, up to the whole bucket. */
function outer(uri: string): string[] {
  const slashes = [...uri.matchAll(/\//g)].map(({ index }) => index + 1)
  return slashes.slice(0, -1).map((end) => uri.slice(0, end))
}
