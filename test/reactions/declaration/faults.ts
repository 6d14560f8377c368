import { describe, expect, test } from '@jest/globals'
import type { Problem } from '../../../src/lake/problem.ts'
import { resolveLake } from '../../../src/reactions/declaration/resolve.ts'

/** One fault in an otherwise valid lake: the line that is replaced, and the problem that is expected. */
export interface Row {
  readonly risk: string
  /** The line number, and its new text. */
  readonly replace: readonly [line: number, text: string]
  /** `line:column path` of the problem. */
  readonly at: string
  /** A part of its message. */
  readonly says: string
  readonly suggestion?: string
}

export function problemsOf(text: string): readonly Problem[] {
  const resolved = resolveLake(text, 'lake.yml')
  return 'problems' in resolved ? resolved.problems : []
}

/** Puts each of `rows` into the lake `valid`, and expects exactly its problem. */
export function describeFaults(valid: string, rows: readonly Row[]): void {
  const lines = valid.split('\n')

  test('the lake without a fault is valid', () => {
    expect(problemsOf(valid)).toEqual([])
  })

  describe('a fault is reported at its position, and valid parts are not', () => {
    test.each(rows)('$risk', ({ replace: [line, text], at, says, suggestion }) => {
      const problems = problemsOf(lines.with(line - 1, text).join('\n'))
      const found = problems.find((problem) => `${problem.line}:${problem.column} ${problem.path}` === at)
      expect(problems.map((problem) => `${problem.line}:${problem.column} ${problem.path}`)).toContain(at)
      expect(found?.message).toContain(says)
      expect(found?.suggestion).toBe(suggestion)
      expect(found?.severity).toBe('error')
    })

    test.each(rows)('$risk, and nothing else', ({ replace: [line, text], at }) => {
      const problems = problemsOf(lines.with(line - 1, text).join('\n'))
      expect(problems.map((problem) => `${problem.line}:${problem.column} ${problem.path}`)).toEqual([at])
    })
  })
}
