import { withoutAddressCredentials } from './credentials.ts'
import { positions } from './position.ts'
import { pathText, type Finding, type Problem } from './problem.ts'

/** Turns findings into problems: in file order, with line and column. */
export type Report = (findings: readonly Finding[]) => Problem[]

/** @param text of the file @param file its name, for messages */
export function reporter(text: string, file: string): Report {
  const position = positions(text)
  return (findings) =>
    findings
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, path, severity = 'error' as const, ...rest }): Problem => ({
        file,
        ...position(at),
        path: pathText(path),
        ...shown(rest),
        severity,
      }))
}

/** A suggestion, or a name in the middle of a message, may be an address too. */
function shown<Texts extends Pick<Finding, 'expected' | 'found' | 'message' | 'suggestion'>>(texts: Texts): Texts {
  const entries = Object.entries(texts).map(([key, text]: [string, string | undefined]) => {
    return [key, text === undefined ? undefined : withoutAddressCredentials(text)]
  })
  return Object.fromEntries(entries) as Texts
}

/** Without duplicates: the same problem may be found in several stages. */
export function distinctProblems(problems: readonly Problem[]): Problem[] {
  const byText = new Map(
    problems.map((problem) => [`${problem.line}:${problem.column} ${problem.path} ${problem.message}`, problem]),
  )
  return [...byText.values()].toSorted((a, b) => a.line - b.line || a.column - b.column)
}
