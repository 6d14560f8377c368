import { keyPrefix } from './lake.ts'
/** What has to hold of buckets, and of the locations in them. */
import { parseLocation } from './location.ts'
import type { Named } from './part.ts'
import type { ClosestMatch } from './closest-match.ts'
import { didYouMean, quoted, type Finding } from './problem.ts'
import { byPlace, select, textOf, type Found, type MapNode } from './tree.ts'

const TABLES = 'tables.*.location'

/** @param outputs patterns of the locations that Landfall's functions write to: rights are given by declared buckets */
export function locationFindings(root: MapNode, outputs: readonly string[], closest: ClosestMatch): Finding[] {
  const tables = locatedAt(root, [TABLES])
  return [
    ...strangeBuckets(root, [TABLES, ...outputs], closest),
    ...overlaps(tables),
    ...mixed(tables, locatedAt(root, outputs)),
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
  /** `bucket/prefix/`, so that what is inside begins with it. */
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

function strangeBuckets(root: MapNode, patterns: readonly string[], closest: ClosestMatch): Finding[] {
  const buckets = bucketNames(root).map(({ name }) => name)
  const sound = buckets.length === select(root, 'buckets.*').length
  return patterns
    .flatMap((pattern) => select(root, pattern))
    .flatMap((found) => {
      const bucket = parseLocation(textOf(found.node) ?? '')?.bucket
      if (bucket === undefined || !sound || buckets.includes(bucket)) return []
      const suggestion = closest(bucket, buckets)
      const message = `the bucket '${bucket}' is not declared under buckets${didYouMean(suggestion)}`
      return [
        {
          at: found.node.at,
          path: found.path,
          expected: 'a bucket that is declared under buckets',
          found: quoted(bucket),
          message,
          ...(suggestion !== undefined && { suggestion }),
        },
      ]
    })
}

/** Two tables at one location, or one inside the other: an object would be in both. Sorted, a table follows the one that it is in. */
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
  const relation = inner.uri === outer.uri ? 'the same location as' : 'a location that overlaps with'
  const [blamed, other] = byPlace(inner.found, outer.found) < 0 ? [outer, inner] : [inner, outer]
  const name = other.found.path[1]
  const message = `${relation} tables.${name}, s3://${other.uri.replace(/\/$/, '')}: an object can be in one table only`
  return {
    at: blamed.found.node.at,
    path: blamed.found.path,
    expected: 'a location of its own',
    found: `s3://${blamed.uri.replace(/\/$/, '')}`,
    message,
  }
}

/** What models put somewhere would be files of a table that it is in, or that is in it. */
function mixed(tables: readonly Located[], others: readonly Located[]): Finding[] {
  const tableAt = new Map(tables.map((table) => [table.uri, table]))
  const inside = new Map(tables.flatMap((table) => outer(table.uri).map((uri) => [uri, table])))
  return others.flatMap(({ found, uri }) => {
    const table = [uri, ...outer(uri)].map((each) => tableAt.get(each)).find(Boolean) ?? inside.get(uri)
    if (table === undefined) return []
    const where = `s3://${table.uri.replace(/\/$/, '')}`
    const message = `a location that overlaps with tables.${table.found.path[1]}, ${where}: what is put there would be files of the table`
    const expected = 'a location outside of tables'
    return [{ at: found.node.at, path: found.path, expected, found: `s3://${uri.replace(/\/$/, '')}`, message }]
  })
}

/** The locations around one, whole buckets among them. */
function outer(uri: string): string[] {
  const slashes = [...uri.matchAll(/\//g)].map(({ index }) => index + 1)
  return slashes.slice(0, -1).map((end) => uri.slice(0, end))
}
