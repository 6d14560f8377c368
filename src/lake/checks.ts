/** Checks across the keys of a lake.yml: the engine's own, and those that reactions and shared systems add. */
import { closestMatchFor, type ClosestMatch } from './closest-match.ts'
import { finding } from './issues.ts'
import { bucketNames, locationFindings } from './location-checks.ts'
import { nameFault } from './names.ts'
import type { Named, Part } from './part.ts'
import { partitionFindings } from './partition-checks.ts'
import { didYouMean, pathText, quoted, type Finding, type Path } from './problem.ts'
import { byPlace, describe, entryAt, select, textOf, type Found, type MapNode } from './tree.ts'

const lakePart: Part = {
  names: ['buckets', 'tables'],
  unique: [{ what: 'the bucket', named: bucketNames }],
  checks: [
    (root) => select(root, 'tables.*').flatMap(partitionedDelta),
    (root) => select(root, 'tables.*').flatMap(partitionFindings),
  ],
}

/** Every problem that involves more than one key. */
export function check(root: MapNode, parts: readonly Part[]): Finding[] {
  const closest = closestMatchFor(100)
  const all = [lakePart, ...parts]
  const findings = all.flatMap(({ names = [], references = [], sets = [], unique = [], checks = [] }) => [
    ...names.flatMap((space) => select(root, `${space}.*`).flatMap(badName)),
    ...references.flatMap(({ from, to }) =>
      select(root, from).flatMap((found) => undeclared(root, found, to, closest)),
    ),
    ...sets.flatMap((set) => select(root, set).flatMap((list) => repeated(select(list.node, '*'), list.path))),
    ...unique.flatMap(({ what, named }) => duplicates(named(root), (name) => `${what} ${name}`)),
    ...checks.flatMap((each) => each(root)),
  ])
  return [
    ...findings,
    ...locationFindings(
      root,
      all.flatMap(({ outputs = [] }) => outputs),
      closest,
    ),
  ]
}

function badName({ path, keyAt }: Found): Finding[] {
  const name = path.at(-1)
  // If a list stands where a map is expected, its items have no names.
  if (typeof name !== 'string') return []
  const fault = nameFault(name)
  if (fault === undefined) return []
  const { what, expected, suggestion } = fault
  const message = `${what}: expected ${expected}, found ${quoted(name)}${didYouMean(suggestion)}`
  return [{ at: keyAt, path, expected, found: quoted(name), message, suggestion }]
}

function undeclared(root: MapNode, found: Found, to: readonly string[], closest: ClosestMatch): Finding[] {
  const name = textOf(found.node)
  const space = entryAt(root, to)?.node
  if (name === undefined || name.trim() === '' || (space?.kind === 'map' && space.entries.has(name))) return []
  const declared = space?.kind === 'map' ? [...space.entries.keys()] : []
  const where = to.join('.')
  const removedAt = removal(root, [...to, name])
  const suggestion = removedAt === undefined ? closest(name, declared) : undefined
  const expected = `a name that is declared under ${where}${declared.length === 0 || declared.length > 20 ? '' : ` (${declared.join(', ')})`}`
  const message =
    removedAt === undefined
      ? `${quoted(name)} is not declared under ${where}${didYouMean(suggestion)}`
      : `an override removes ${where}.${name}, which ${pathText(found.path)} needs`
  return [{ at: removedAt ?? found.node.at, path: found.path, expected, found: quoted(name), message, suggestion }]
}

/** The offset at which an override removes `path` or one of its parents. */
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
    return [finding('appears twice in the list', 'each item once', item, [...path, ...item.path], undefined)]
  })
}

function partitionedDelta({ path, node }: Found): Finding[] {
  const [partitions] = select(node, 'partitions')
  if (partitions === undefined || textOf(select(node, 'format')[0]?.node) !== 'delta') return []
  const expected = 'no partitions on a Delta table: its log defines them'
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

/** A finding for every use of a name after the first. */
function duplicates(all: readonly Named[], what: (name: string) => string): Finding[] {
  const first = new Map<string, Named>()
  return all.toSorted(byPlace).flatMap((each) => {
    const other = first.get(each.name)
    if (other === undefined) return first.set(each.name, each) && []
    const message = `${what(each.name)} is already used by ${pathText(other.path)}`
    return [{ at: each.node.at, path: each.path, expected: 'an unused name', found: quoted(each.name), message }]
  })
}
