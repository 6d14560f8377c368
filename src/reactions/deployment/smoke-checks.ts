/** Checks that a smoke test's request is JSON, and its expectation a valid shape. */
import { typeNames } from './response-match.ts'
import { finding } from '../../lake/issues.ts'
import { closestMatch } from '../../lake/closest-match.ts'
import { oneOf, type Finding } from '../../lake/problem.ts'
import { below, plain, textOf, type Found, type ScalarNode } from '../../lake/tree.ts'

/** Bytes as JSON: every function is deployed with the whole lake. */
const requestLimit = 64_000

/** The type name that was most likely meant by an example value. */
const leafOf: Readonly<Record<string, string>> = { number: 'number', boolean: 'boolean' }

export function smokeFindings(smoke: Found): Finding[] {
  const [request] = below(smoke, 'request')
  const [shape] = below(smoke, 'expect')
  return [
    ...(request === undefined
      ? []
      : [...left(request, 'a request: any JSON'), ...jsonFindings(request), ...tooLarge(request)]),
    ...(shape === undefined
      ? []
      : [...left(shape, "a shape; 'null' in quotes for nothing at all"), ...shapeFindings(shape)]),
  ]
}

/** A key without a value is a mistake, although null is JSON. */
function left(found: Found, expected: string): Finding[] {
  const { node } = found
  const nothing = node.kind === 'scalar' && node.value === null && node.broken === undefined
  return nothing ? [finding('nothing there', expected, found, found.path, undefined)] : []
}

/** YAML has numbers that JSON lacks, and some that would lose digits. */
function jsonFindings(found: Found): Finding[] {
  const { node } = found
  if (node.kind !== 'scalar') return below(found, '*').flatMap(jsonFindings)
  if (typeof node.value !== 'number' || exact(node, node.value)) return []
  const finite = Number.isFinite(node.value)
  const expected = finite ? 'a whole number of at most 2^53, or the same in quotes' : 'a number that JSON has'
  return [finding('bad number', expected, found, found.path, finite ? `"${node.source}"` : undefined)]
}

function exact({ source }: ScalarNode, value: number): boolean {
  const whole = /^(?:[-+]?\d+|0x[\da-f]+|0o[0-7]+)$/i.test(source)
  return Number.isFinite(value) && (!whole || Number.isSafeInteger(value))
}

function tooLarge(request: Found): Finding[] {
  const bytes = new TextEncoder().encode(JSON.stringify(plain(request.node))).length
  if (bytes <= requestLimit) return []
  const [expected, found] = [`at most ${requestLimit} bytes as JSON`, `${bytes} bytes`]
  const message = `the request is too large: expected ${expected}, found ${found}`
  return [{ at: request.keyAt, path: request.path, expected, found, message }]
}

function shapeFindings(found: Found): Finding[] {
  const { node } = found
  if (node.kind === 'map') return below(found, '*').flatMap(shapeFindings)
  if (node.kind === 'list') {
    const [, second] = below(found, '*')
    const expected = 'a list of one shape, which each item has, or an empty one'
    if (second !== undefined) return [finding('one shape too many', expected, second, second.path, undefined)]
    return below(found, '*').flatMap(shapeFindings)
  }
  const text = textOf(node)
  if (node.broken || node.value === null || typeNames.some((leaf) => leaf === text)) return []
  const suggestion = text === undefined ? leafOf[typeof node.value] : closestMatch(text, typeNames)
  const expected = `${oneOf(typeNames)}; a map or a list of such`
  return [finding('no shape', expected, found, found.path, suggestion)]
}
