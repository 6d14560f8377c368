import { withoutCredentials } from './credentials.ts'
import { bucketFault } from './names.ts'
import { didYouMean, oneOf, quoted, shorten, type Finding, type Path } from './problem.ts'
import { closestMatchFor, type ClosestMatch } from './closest-match.ts'
import { mapScalars, textOf, type MapNode, type Node, type ScalarNode } from './tree.ts'

const placeholder = /\$\{([^}]*)(\}?)/g

/** The value of each placeholder. `null`: it is declared, but its value is invalid, which is reported there. */
type Values = ReadonlyMap<string, string | null>

interface Context {
  readonly findings: Finding[]
  readonly closest: ClosestMatch
}

/** Replaces `${stage}` everywhere, and `${buckets.NAME}` everywhere except under `buckets`. */
export function interpolate(root: MapNode, stage: string, findings: Finding[]): MapNode {
  const context: Context = { findings, closest: closestMatchFor(100) }
  const stageOnly: Values = new Map([['stage', stage]])
  const buckets = root.entries.get('buckets')
  const named = buckets && { ...buckets, node: fill(buckets.node, ['buckets'], stageOnly, context) }
  const values = new Map([...stageOnly, ...bucketNames(named?.node)])
  const entries = new Map(root.entries)
  for (const [key, entry] of root.entries) {
    if (key === 'buckets') entries.set(key, named!)
    else entries.set(key, { ...entry, node: fill(entry.node, [key], values, context) })
  }
  return { ...root, entries }
}

function bucketNames(buckets: Node | undefined): [string, string | null][] {
  if (buckets?.kind !== 'map') return []
  return [...buckets.entries].map(([name, { node }]) => {
    const named = node.kind === 'map' ? node.entries.get('name')?.node : node
    const text = textOf(named)
    return [`buckets.${name}`, text === undefined || bucketFault(text) !== undefined ? null : text]
  })
}

function fill(node: Node, path: Path, values: Values, context: Context): Node {
  return mapScalars(node, (scalar, at) => fillText(scalar, at, values, context), path)
}

function fillText(scalar: ScalarNode, path: Path, values: Values, context: Context): ScalarNode {
  if (typeof scalar.value !== 'string' || !scalar.value.includes('${')) return scalar
  // Escapes and line breaks make offsets in the value differ from those in the file, hence the offsets of the source.
  const places = [...scalar.source.matchAll(placeholder)].map((match) => match.index)
  // A placeholder may be a part of a password.
  const isSecret = withoutCredentials(scalar.value) !== scalar.value
  let broken = false
  let count = 0
  const value = scalar.value.replaceAll(placeholder, (whole, inside: string, end: string) => {
    const at = scalar.at + (places[count++] ?? 0)
    const filled = end === '' ? undefined : values.get(inside.trim())
    broken ||= typeof filled !== 'string'
    const shown = isSecret ? '***' : inside.trim()
    if (end === '') context.findings.push(unfinished(isSecret ? '${***' : whole, at, path))
    else if (filled === undefined) context.findings.push(undeclared(shown, at, path, values, context.closest))
    return filled ?? whole
  })
  return broken ? { ...scalar, broken } : { ...scalar, value }
}

function unfinished(whole: string, at: number, path: Path): Finding {
  const expected = 'a } after ${'
  return { at, path, expected, found: quoted(whole), message: `unfinished placeholder: expected ${expected}` }
}

function undeclared(name: string, at: number, path: Path, values: Values, closest: ClosestMatch): Finding {
  const expected = oneOf([...values.keys()].slice(0, 21).map((each) => `\${${each}}`))
  const near = closest(name, values.keys())
  const suggestion = near && `\${${near}}`
  const found = `\${${shorten(name)}}`
  const message = `unknown placeholder ${found}${suggestion === undefined ? `; expected ${expected}` : didYouMean(suggestion)}`
  return { at, path, expected, found, message, suggestion }
}
