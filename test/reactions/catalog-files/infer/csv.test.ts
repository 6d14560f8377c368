import { describe, expect, test } from '@jest/globals'
import { columns, read } from './given.ts'

const csv = (content: string) => columns('a.csv', 'csv', content)

describe('CSV', () => {
  test.each([
    ['a header and rows', 'id,name,at\n1,x,2026-11-22\n2,,2026-11-23\n', 'id bigint, name string, at date'],
    ['a header alone', 'id,name\n', 'id string, name string'],
    ['a header without a line end', 'id,name', 'id string, name string'],
    ['a byte order mark', '\uFEFFid\n1\n', 'id bigint'],
    ['semicolons, and commas in numbers', 'a;b\n1;2,5\n3;4,5\n', 'a bigint, b string'],
    ['tabs', 'a\tb\n1\ttrue\n', 'a bigint, b boolean'],
    ['bars', 'a|b\n1.5|2026-11-22 10:00:00\n', 'a double, b timestamp'],
    ['one column', 'a\n1\n2\n', 'a bigint'],
    ['leading zeros, which are text', 'zip\n00501\n', 'zip string'],
    ['shorter rows', 'a,b,c\n1\n1,2,3\n', 'a bigint, b bigint, c bigint'],
    ['columns without names, and duplicate names', 'a,,A\n1,2,3\n', 'a bigint, column_2 bigint, A_2 bigint'],
    ['Windows line ends', 'a,b\r\n1,2\r\n', 'a bigint, b bigint'],
    ['numbers with exponents, and too long ones', 'a,b\n1e3,12345678901234567890\n', 'a double, b decimal(20,0)'],
    ['mixed values', 'a\n1\nx\n', 'a string'],
  ])('with %s', async (_risk, content, expected) => {
    expect(await csv(content)).toBe(expected)
  })

  test('with quotes is recognised, whatever is in them', async () => {
    const found = await read('a.csv', 'csv', 'a;b\n"x;y";"say ""hi""\nnow"\n')
    expect(found).toMatchObject({ file: { schema: { csv: { delimiter: ';', quoted: true } } } })
    expect(found).toMatchObject({ file: { schema: { fields: [{ name: 'a' }, { name: 'b' }] } } })
  })

  test.each([
    ['nothing', '\n\n', 'the file has no header'],
    ['a quote that does not close', 'a,b\n1,"x\n', 'line 2 has an unclosed or misplaced quote'],
    ['text behind a quote', 'a,b\n"x"y,1\n', 'line 2 has an unclosed or misplaced quote'],
    ['a row longer than the header', 'a,b\n1,2\n1,2,3\n', 'line 3 has 3 values, expected 2 as in the header'],
  ])('that is bad is refused: %s', async (_risk, content, reason) => {
    expect(await csv(content)).toContain(reason)
  })

  test('with a quoted value of megabytes is read', async () => {
    expect(await csv(`a,b\n"${'x""y'.repeat(700_000)}",1\n`)).toBe('a string, b bigint')
  })

  test('with twenty thousand columns of one name is read fast, and with more is refused', async () => {
    const found = await read('a.csv', 'csv', `${'a,'.repeat(19_999)}a\n1\n`)
    expect(found).toMatchObject({ kind: 'read' })
    const more = await read('a.csv', 'csv', `${'a,'.repeat(20_000)}a\n1\n`)
    expect(more).toMatchObject({ kind: 'refused', part: { reason: expect.stringContaining('more than 20000 values') } })
  }, 10_000)

  test('that is cut off ignores the cut row instead of taking it for a short or bad one', async () => {
    const row = `1,"${'x'.repeat(100)}"\n`
    expect(await csv(`a,b\n${row.repeat(5000)}`)).toBe('a bigint, b string')
  })
})
