import { didYouMean, oneOf, quoted, shorten, type Finding, type Path } from './problem.ts'
import { closestMatchFor, type ClosestMatch } from './closest-match.ts'
import { mapScalars, textOf, type MapNode, type Node, type ScalarNode } from './tree.ts'

const placeholder = /\$\{([^}]*)(\}?)/g

/** What stands for a placeholder; `null`: it is declared, but wrong, which is reported where it stands. */
type Values = ReadonlyMap<string, string | null>

interface Context {
  readonly findings: Finding[]
  readonly nearest: ClosestMatch
}

/** Replaces `${stage}` everywhere and `${buckets.NAME}` everywhere but under `buckets`. */
export function interpolate(root: MapNode, stage: string, findings: Finding[]): MapNode {
  const context: Context = { findings, nearest: closestMatchFor(100) }
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
    return [`buckets.${name}`, textOf(named) ?? null]
  })
}

function fill(node: Node, path: Path, values: Values, context: Context): Node {
  return mapScalars(node, (scalar, at) => fillText(scalar, at, values, context), path)
}

function fillText(scalar: ScalarNode, path: Path, values: Values, context: Context): ScalarNode {
  if (typeof scalar.value !== 'string' || !scalar.value.includes('${')) return scalar
  // Where the text is spelt with escapes or over several lines, an offset in the value is none in the file.
  const places = [...scalar.source.matchAll(placeholder)].map((match) => match.index)
  let broken = false
  let count = 0
  const value = scalar.value.replaceAll(placeholder, (whole, inside: string, end: string) => {
    const at = scalar.at + (places[count++] ?? 0)
    const filled = end === '' ? undefined : values.get(inside.trim())
    broken ||= typeof filled !== 'string'
    if (end === '') context.findings.push(unfinished(whole, at, path))
    else if (filled === undefined) context.findings.push(undeclared(inside.trim(), at, path, values, context.nearest))
    return filled ?? whole
  })
  return broken ? { ...scalar, broken } : { ...scalar, value }
}

function unfinished(whole: string, at: number, path: Path): Finding {
  const expected = 'a } after ${'
  return { at, path, expected, found: quoted(whole), message: `unfinished placeholder: expected ${expected}` }
}

function undeclared(name: string, at: number, path: Path, values: Values, nearest: ClosestMatch): Finding {
  const expected = oneOf([...values.keys()].slice(0, 21).map((each) => `\${${each}}`))
  const near = nearest(name, values.keys())
  const suggestion = near === undefined ? undefined : `\${${near}}`
  const found = `\${${shorten(name)}}`
  const message = `nothing is declared as ${found}${suggestion === undefined ? `; expected ${expected}` : didYouMean(suggestion)}`
  return { at, path, expected, found, message, ...(suggestion !== undefined && { suggestion }) }
}
