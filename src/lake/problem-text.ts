import type { Problem } from './problem.ts'
import { shownSource } from './source-text.ts'

/**
 * A problem in the style of a compiler: the position, the message, and the source line with a caret under the position.
 *
 * @param lines of the file
 * @param width columns of the terminal: a longer source line is left out
 */
function linesOf(
  { line, column, path, message, severity, file }: Problem,
  lines: readonly string[],
  width: number,
): string[] {
  const label = severity === 'warning' ? 'warning: ' : ''
  const heading = `${file}:${line}:${column}  ${path === '' ? '' : `${path}  `}${label}${message}`
  const source = (lines[line - 1] ?? '').replaceAll('\t', ' ').trimEnd()
  const margin = `${line} | `
  if (source === '' || margin.length + source.length > width) return [heading]
  return [heading, `  ${margin}${source}`, `  ${' '.repeat(margin.length + column - 1)}^`]
}

/** The lines that report all problems of a file, in file order. @param text of the file @param width of the terminal */
export function problemLines(problems: readonly Problem[], text: string, width: number): string[] {
  if (problems.length === 0) return []
  const lines = shownSource(text).split('\n')
  return inOrder(problems).flatMap((problem) => linesOf(problem, lines, width))
}

export function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
}
