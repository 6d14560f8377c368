import { readMlmodel, isMlflowVersion } from '../../../../src/reactions/deployment/artifacts/mlmodel.ts'
import { Refused } from '../../../../src/core/refused.ts'

const folder = { bucket: 'models', prefix: '1/models/m-1/artifacts' }

/** What an MLmodel says: whether it can be served, and its version of MLflow if that is one. `refused` with the reason. */
export type Answer =
  | { readonly isPyfunc: true; readonly version: string | null }
  | { readonly isPyfunc: false }
  | { readonly refused: string }

/** @throws whatever is no refusal: that would be a fault of the reader */
export function ourAnswer(text: string | Uint8Array): Answer {
  try {
    return {
      isPyfunc: true,
      version: versionIn(readMlmodel(typeof text === 'string' ? Buffer.from(text) : text, folder).mlflowVersion),
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    if (error.code === 'not-pyfunc') return { isPyfunc: false }
    return { refused: String(error.detail.found) }
  }
}

/** The same, from the whole document as another library reads it. */
export function answerOf(document: unknown): Answer {
  if (!isMap(document)) return { refused: 'no map' }
  const flavors = document['flavors']
  if (!isMap(flavors) || !('python_function' in flavors)) return { isPyfunc: false }
  return { isPyfunc: true, version: versionIn(document['mlflow_version']) }
}

const versionIn = (value: unknown): string | null =>
  typeof value === 'string' && isMlflowVersion(value) ? value : null

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Pieces of YAML that make unlucky documents when they are put one after the other. */
export const fragments: readonly string[] = [
  'flavors:', 'flavors: ', 'python_function:', 'python_function: {}', 'mlflow_version: 3.1.0', 'mlflow_version: ', '"3.1.0"', "'3.1.0'",
  '"flavors": ', 'flavors', ': ', ' ', '  ', '    ', '\n', '\n', '\n  ', '\n    ', '\n- ', '\n  - ', '- ', '? ', '|\n', '>-\n', '|2\n', '{', '}', '[',
  ']', ',', ', ', '"', "'", '#', ' # c', 'a: ', 'b', 'a:\n', 'x: |\n  ', 'x: "', 'x: {', 'x: [', "x: '", '---\n', '...\n', '&a ', '*a', '!!str ', '!t ',
  '\t', '\r\n', '~', 'null', '- a: b', '\n\n', 'flavors: {python_function: {}}', '<<: ', '"\\x66lavors"', '\\', '"a": ', ':', '-', '--- ', '%', '@',
  '`', '1', 'key: value\n', '\n ', 'flavors:\n  python_function: {}\nmlflow_version: 3.1.0\n', '\n? a\n: b\n', '>', '|', 'python_function', '}\n', ']\n',
  '"\n', "'\n", '{flavors: {python_function: 1}, mlflow_version: 3.1.0', 'env: &id001\n- a\n', '}: x', '"k" : v', 'a : b', '\u2028', '\uFEFF', 'é',
  '"\nflavors: {python_function: {}}\n', 'mlflow_version: 3.1.0\n', 'flavors:\n  python_function: {}\n',
] // prettier-ignore
