/** What has to hold between the keys of a lake.yml, or of the names in it. Whatever is missing or wrong in itself is not said again here. */
import { finding } from '../../lake/issues.ts'
import { fileFormats } from '../../lake/lake.ts'
import { bucketNames, locationFindings, type Named } from '../../lake/location-checks.ts'
import { modelFindings } from '../deployment/checks.ts'
import { glueNameOf, nameFault } from '../../lake/names.ts'
import { closestMatchFor, type ClosestMatch } from '../../lake/closest-match.ts'
import { fileTableFindings } from '../../lake/partition-checks.ts'
import { didYouMean, pathText, quoted, type Finding, type Path } from '../../lake/problem.ts'
import { byPlace, describe, entryAt, select, textOf, type Found, type MapNode } from '../../lake/tree.ts'

type Check = (root: MapNode, nearest: ClosestMatch) => Finding[]

/** Maps whose keys are names that the lake gives. */
const nameSpaces = ['buckets', 'tables', 'streams', 'models', 'warehouses', 'registries', 'databricks.jobs']

/** What names something that has to be declared elsewhere. */
const references = [
  { from: 'tables.*.job.name', to: ['databricks', 'jobs'] },
  { from: 'tables.*.load.warehouse', to: ['warehouses'] },
  { from: 'streams.*.into', to: ['tables'] },
  { from: 'models.*.registry', to: ['registries'] },
]

/** Lists in which nothing may stand twice. */
const sets = ['tables.*.load.keys', 'tables.*.rows.keys']

const checks: readonly Check[] = [
  (root) => nameSpaces.flatMap((space) => select(root, `${space}.*`).flatMap(badName)),
  (root, nearest) =>
    references.flatMap(({ from, to }) => select(root, from).flatMap((found) => undeclared(root, found, to, nearest))),
  (root) => sets.flatMap((set) => select(root, set).flatMap((list) => repeated(select(list.node, '*'), list.path))),
  (root) => select(root, 'streams.*.into').flatMap((found) => intoFiles(root, found)),
  modelFindings,
  (root) => select(root, 'tables.*.load').flatMap(mergeWithoutKeys),
  (root) => select(root, 'tables.*').flatMap(partitionedDelta),
  (root) => same(endpointNames(root), (name) => `the endpoint ${name}`),
  (root) => same(bucketNames(root), (name) => `the bucket ${name}`),
  (root) => same(select(root, 'tables.*').flatMap(glueNames), (name) => `the Glue table ${name}`),
  (root) => select(root, 'tables.*').flatMap(fileTableFindings),
  locationFindings,
]

export function check(root: MapNode): Finding[] {
  const nearest = closestMatchFor(100)
  return checks.flatMap((each) => each(root, nearest))
}

function badName({ path, keyAt }: Found): Finding[] {
  const name = path.at(-1)
  // The items of a list, where a map should be, have none.
  if (typeof name !== 'string') return []
  const fault = nameFault(name)
  if (fault === undefined) return []
  const { what, expected, suggestion } = fault
  const message = `${what}: expected ${expected}, found ${quoted(name)}${didYouMean(suggestion)}`
  return [{ at: keyAt, path, expected, found: quoted(name), message, ...(suggestion !== undefined && { suggestion }) }]
}

function undeclared(root: MapNode, found: Found, to: readonly string[], nearest: ClosestMatch): Finding[] {
  const name = textOf(found.node)
  const space = entryAt(root, to)?.node
  if (name === undefined || name.trim() === '' || (space?.kind === 'map' && space.entries.has(name))) return []
  const declared = space?.kind === 'map' ? [...space.entries.keys()] : []
  const where = to.join('.')
  const removedAt = removal(root, [...to, name])
  const suggestion = removedAt === undefined ? nearest(name, declared) : undefined
  const expected = `a name that is declared under ${where}${declared.length === 0 || declared.length > 20 ? '' : ` (${declared.join(', ')})`}`
  const message =
    removedAt === undefined
      ? `'${name}' is not declared under ${where}${didYouMean(suggestion)}`
      : `an override takes ${where}.${name} away, which ${pathText(found.path)} needs`
  return [
    {
      at: removedAt ?? found.node.at,
      path: found.path,
      expected,
      found: quoted(name),
      message,
      ...(suggestion !== undefined && { suggestion }),
    },
  ]
}

/** Where an override takes away what was at `path`, or what it was in. */
function removal(root: MapNode, path: readonly string[]): number | undefined {
  for (let length = 0; length < path.length; length++) {
    const node = entryAt(root, path.slice(0, length))?.node
    const at = node?.kind === 'map' ? node.removed.get(path[length]!) : undefined
    if (at !== undefined) return at
  }
  return undefined
}

function repeated(items: readonly Found[], path: Path): Finding[] {
  const seen = new Set<string>()
  return items.flatMap((item) => {
    const text = textOf(item.node)
    if (text === undefined || !seen.has(text)) return seen.add(text ?? '') && []
    return [finding('stands in the list twice', 'each once', item, [...path, ...item.path], undefined)]
  })
}

function intoFiles(root: MapNode, found: Found): Finding[] {
  const format = textOf(entryAt(root, ['tables', textOf(found.node) ?? '', 'format'])?.node)
  if (!fileFormats.some((files) => files === format)) return []
  return [finding('a stream can only become a Delta table', 'a table of format delta', found, found.path, undefined)]
}

function mergeWithoutKeys({ path, node }: Found): Finding[] {
  const [mode] = select(node, 'mode')
  if (textOf(mode?.node) !== 'merge' || select(node, 'keys').length > 0) return []
  const expected = 'the key keys, with the columns that make two rows the same one'
  return [
    { at: mode!.node.at, path: [...path, 'keys'], expected, found: 'nothing', message: `mode merge needs ${expected}` },
  ]
}

function partitionedDelta({ path, node }: Found): Finding[] {
  const [partitions] = select(node, 'partitions')
  if (partitions === undefined || textOf(select(node, 'format')[0]?.node) !== 'delta') return []
  const expected = 'no partitions on a Delta table, whose log says them'
  return [
    {
      at: partitions.keyAt,
      path: [...path, 'partitions'],
      expected,
      found: describe(partitions.node),
      message: `expected ${expected}`,
    },
  ]
}

function glueNames({ path, node }: Found): Named[] {
  const [catalog] = select(node, 'catalog')
  const database = catalog && textOf(select(catalog.node, 'database')[0]?.node)
  if (catalog === undefined || database === undefined) return []
  const [given] = select(catalog.node, 'table')
  const table = given === undefined ? glueNameOf(String(path.at(-1))) : textOf(given.node)
  const at =
    given === undefined ? { ...catalog, path: [...path, 'catalog'] } : { ...given, path: [...path, 'catalog', 'table'] }
  return table === undefined ? [] : [{ ...at, name: `${database}.${table}` }]
}

/** Endpoint names are the same in any case of letters (CreateEndpoint). */
function endpointNames(root: MapNode): Named[] {
  return select(root, 'models.*.endpoint.name').flatMap((found) => {
    const name = textOf(found.node)
    return name === undefined ? [] : [{ ...found, name: name.toLowerCase() }]
  })
}

/** Each but the first of those with one name. */
function same(all: readonly Named[], what: (name: string) => string): Finding[] {
  const first = new Map<string, Named>()
  return all.toSorted(byPlace).flatMap((each) => {
    const other = first.get(each.name)
    if (other === undefined) return first.set(each.name, each) && []
    const message = `${what(each.name)} is ${pathText(other.path)}'s already`
    return [{ at: each.node.at, path: each.path, expected: 'a name of its own', found: quoted(each.name), message }]
  })
}
