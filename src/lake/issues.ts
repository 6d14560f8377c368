/** Turns zod's issues into findings that say where the problem is, what was expected and what was found. */
import type * as z from 'zod'
import { type JsonSchema, keysAt, schemasAt } from './json-schema.ts'
import { closestMatch } from './closest-match.ts'
import { WRONG_TYPE } from './schema-values.ts'
import { didYouMean, oneOf, quoted, type Finding, type Path } from './problem.ts'
import { describe, entryAt, type Entry, type MapNode, type Node } from './tree.ts'

type Issue = z.core.$ZodIssue

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  number: 'a whole number',
  int: 'a whole number',
  boolean: 'true or false',
}

/** The lake that zod checked, and the schema that it checked by. */
interface Checked {
  readonly root: MapNode
  readonly schema: JsonSchema
}

/** @param schema the JSON Schema that `root` was checked by: it says which keys and texts are possible */
export function findingsOf(issues: readonly Issue[], root: MapNode, schema: JsonSchema): Finding[] {
  return issues.flatMap((issue) => findingsOfIssue(issue, { root, schema }, []))
}

function findingsOfIssue(issue: Issue, checked: Checked, above: Path): Finding[] {
  const { root, schema } = checked
  const path: Path = [...above, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))]
  const entry = entryAt(root, path)
  if (entry === undefined) return missing(checked, path)
  if (entry.node.kind === 'scalar' && entry.node.broken) return []
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(entry.node, path, key, schema))
  if (issue.code === 'invalid_union') return union(issue, entry, checked, path)
  if (issue.code === 'custom') return [custom(issue, entry, path)]
  return [wrongValue(issue, entry, path, schema)]
}

function missing({ root, schema }: Checked, path: Path): Finding[] {
  const key = String(path.at(-1))
  const parent = entryAt(root, path.slice(0, -1))
  const node = parent?.node.kind === 'map' ? parent.node : undefined
  const known = keysAt(schema, path.slice(0, -1))
  // A misspelt key is reported as unknown; it is not reported as missing too.
  if ([...(node?.entries.keys() ?? [])].some((other) => !known.includes(other) && meant(other, known, node) === key))
    return []
  const meaning = schemasAt(schema, path)[0]?.description ?? key
  const removedAt = node?.removed.get(key)
  const what = removedAt === undefined ? `missing key '${key}'` : `an override removes '${key}', which is required`
  const message = `${what}: ${meaning.charAt(0).toLowerCase()}${meaning.slice(1).replace(/\.$/, '')}`
  return [{ at: removedAt ?? parent?.keyAt ?? 0, path, expected: meaning, found: 'nothing', message }]
}

/** The missing key that `key` was most likely meant to be. */
function meant(key: string, known: readonly string[], node: MapNode | undefined): string | undefined {
  return closestMatch(
    key,
    known.filter((candidate) => !node?.entries.has(candidate)),
  )
}

function unknownKey(node: Node, path: Path, key: string, schema: JsonSchema): Finding {
  const known = keysAt(schema, path)
  const map = node.kind === 'map' ? node : undefined
  const suggestion = meant(key, known, map)
  const expected = oneOf(known)
  return {
    at: map?.entries.get(key)?.keyAt ?? node.at,
    path: [...path, key],
    expected,
    found: quoted(key),
    message: suggestion === undefined ? `unknown key; expected ${expected}` : `unknown key${didYouMean(suggestion)}`,
    suggestion,
  }
}

/** Reports by the branch whose type fits; if none fits, the message lists the types of all. */
function union(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  entry: Entry,
  checked: Checked,
  path: Path,
): Finding[] {
  const wrongTypes = (issues: readonly Issue[]): string[] =>
    issues.flatMap((each) => (each.code === 'invalid_type' && each.path.length === 0 ? [each.expected] : []))
  const fitting = issue.errors.find((issues) => wrongTypes(issues).length === 0)
  if (fitting !== undefined) return fitting.flatMap((each) => findingsOfIssue(each, checked, path))
  const expected = issue.errors
    .flatMap(wrongTypes)
    .map((type) => typeNames[type] ?? type)
    .join(' or ')
  return [finding('wrong type', expected, entry, path, undefined)]
}

/** A {@link Fault} of a rule such as those in `names.ts`. */
function custom(issue: Extract<Issue, { code: 'custom' }>, entry: Entry, path: Path): Finding {
  const { expected, suggestion } = issue.params ?? {}
  return finding(issue.message, String(expected), entry, path, typeof suggestion === 'string' ? suggestion : undefined)
}

function wrongValue(issue: Issue, entry: Entry, path: Path, schema: JsonSchema): Finding {
  const { node } = entry
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String)
    const near = node.kind === 'scalar' && typeof node.value === 'string' ? closestMatch(node.value, values) : undefined
    return finding('unknown value', oneOf(values), entry, path, near)
  }
  if (issue.code === 'invalid_type') {
    const suggestion = issue.expected === 'string' ? inQuotes(node, path, schema) : undefined
    const byType = typeNames[issue.expected] ?? issue.expected
    const byRule = suggestion === undefined && issue.expected === 'string' && issue.message !== WRONG_TYPE
    return finding(WRONG_TYPE, byRule ? issue.message : byType, entry, path, suggestion)
  }
  if (issue.code === 'too_small')
    return finding(
      issue.origin === 'array' ? 'empty list' : 'too small',
      issue.origin === 'array' ? 'at least one item' : `at least ${issue.minimum}`,
      entry,
      path,
      undefined,
    )
  if (issue.code === 'too_big')
    return finding(
      issue.origin === 'array' ? 'list too long' : 'too large',
      `at most ${issue.maximum}${issue.origin === 'array' ? ' items' : ''}`,
      entry,
      path,
      undefined,
    )
  return finding('wrong value', issue.message, entry, path, undefined)
}

/** Suggests `"2024"` for 2024, if the quoted text would be valid. */
function inQuotes(node: Node, path: Path, schema: JsonSchema): string | undefined {
  if (node.kind !== 'scalar' || node.value === null) return undefined
  const fits = schemasAt(schema, path).some(
    ({ pattern }) => pattern === undefined || new RegExp(pattern).test(node.source),
  )
  return fits ? `"${node.source}"` : undefined
}

/** A value that is wrong. */
export function finding(
  what: string,
  expected: string,
  { node }: Entry,
  path: Path,
  suggestion: string | undefined,
): Finding {
  const found = describe(node)
  const message = `${what}: expected ${expected}, found ${found}${didYouMean(suggestion)}`
  return { at: node.at, path, expected, found, message, suggestion }
}
