import { didYouMean, type Finding, type Path } from './problem.ts'
import { nearest } from './nearest.ts'
import { mapScalars, textOf, type MapNode, type Node, type ScalarNode } from './tree.ts'

const placeholder = /\$\{([^}]*)(\}?)/g

/** What stands for a placeholder; `null`: it is declared, but wrong, which is reported where it stands. */
type Values = ReadonlyMap<string, string | null>

/** Replaces `${stage}` everywhere and `${buckets.NAME}` everywhere but under `buckets`. */
export function interpolate(root: MapNode, stage: string, findings: Finding[]): MapNode {
  const stageOnly: Values = new Map([['stage', stage]])
  const buckets = root.entries.get('buckets')
  const named = buckets && { ...buckets, node: fill(buckets.node, ['buckets'], stageOnly, findings) }
  const values = new Map([...stageOnly, ...bucketNames(named?.node)])
  const entries = new Map(root.entries)
  for (const [key, entry] of root.entries) {
    if (key === 'buckets') entries.set(key, named!)
    else entries.set(key, { ...entry, node: fill(entry.node, [key], values, findings) })
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

function fill(node: Node, path: Path, values: Values, findings: Finding[]): Node {
  return mapScalars(node, (scalar, at) => fillText(scalar, at, values, findings), path)
}

function fillText(scalar: ScalarNode, path: Path, values: Values, findings: Finding[]): ScalarNode {
  if (typeof scalar.value !== 'string' || !scalar.value.includes('${')) return scalar
  // Where the text is spelt with escapes or over several lines, an offset in the value is none in the file.
  const places = [...scalar.source.matchAll(placeholder)].map((match) => match.index)
  let broken = false
  let count = 0
  const value = scalar.value.replaceAll(placeholder, (whole, inside: string, end: string) => {
    const at = scalar.at + (places[count++] ?? 0)
    const filled = end === '' ? undefined : values.get(inside.trim())
    broken ||= typeof filled !== 'string'
    if (filled === undefined) findings.push(unknown(whole, inside.trim(), end === '', at, path, values))
    return filled ?? whole
  })
  return broken ? { ...scalar, broken } : { ...scalar, value }
}

function unknown(whole: string, inside: string, open: boolean, at: number, path: Path, values: Values): Finding {
  const expected = open ? 'a } after ${' : `one of ${[...values.keys()].map((name) => `\${${name}}`).join(', ')}`
  if (open) return { at, path, expected, found: whole, message: `unfinished placeholder: expected ${expected}` }
  const near = nearest(inside, values.keys())
  const suggestion = near === undefined ? undefined : `\${${near}}`
  const message = `nothing is declared as ${whole}${suggestion === undefined ? `; expected ${expected}` : didYouMean(suggestion)}`
  return { at, path, expected, found: whole, message, ...(suggestion !== undefined && { suggestion }) }
}
