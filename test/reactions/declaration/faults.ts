import { describe, expect, test } from '@jest/globals'
import type { Problem } from '../../../src/lake/problem.ts'
import { resolveLake } from '../../../src/reactions/declaration/resolve.ts'

/** One fault a row, each in a lake that is sound but for it: the line that is added, and what is said of it. */
export interface Row {
  readonly risk: string
  /** Put in place of the line that it says. */
  readonly replace: readonly [line: number, text: string]
  /** `line:column path`, and a part of the message. */
  readonly at: string
  readonly says: string
  readonly suggestion?: string
}

export function problemsOf(text: string): readonly Problem[] {
  const resolved = resolveLake(text, 'lake.yml')
  return 'problems' in resolved ? resolved.problems : []
}

/** Each of `rows` spoils the lake `sound`, and nothing but what is spoilt is complained of. */
export function describeFaults(sound: string, rows: readonly Row[]): void {
  const lines = sound.split('\n')

  test('the lake that the rows below spoil is sound', () => {
    expect(problemsOf(sound)).toEqual([])
  })

  describe('a fault is found where it is, and nothing is said of what is sound', () => {
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
