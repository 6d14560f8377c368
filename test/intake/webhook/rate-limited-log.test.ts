import { expect, test } from '@jest/globals'
import { rateLimitedLog } from '../../../src/intake/webhook/rate-limited-log.ts'

test('a flood of one kind is logged as a few lines a minute with their count, and hides no other kind', () => {
  const clock = { now: 0 }
  const lines: string[] = []
  const note = rateLimitedLog(
    (path, code, reason) => void lines.push(`${path} ${code} ${reason}`),
    () => clock.now,
  )
  for (let i = 0; i < 1_000; i++) note('/a', 'forged', 'wrong')
  note('/a', 'stale', 'old')
  expect(lines).toEqual([...Array.from({ length: 5 }, () => '/a forged wrong'), '/a stale old'])
  clock.now = 60_000
  note('/b', 'forged', 'wrong')
  note('/b', 'forged', 'wrong')
  expect(lines.slice(6)).toEqual(['/b forged wrong; 995 more of this kind were not logged', '/b forged wrong'])
})
