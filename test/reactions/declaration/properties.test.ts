import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { resolveLake, resolveStages } from '../../../src/reactions/declaration/resolve.ts'

interface TableSpec {
  readonly format: string
  readonly bucket: string
  readonly archive: boolean
  readonly load: boolean
  readonly catalog: boolean
}

const table = fc.record({
  format: fc.constantFrom('delta', 'parquet', 'json', 'csv', 'avro'),
  bucket: fc.constantFrom('raw', 'lake'),
  archive: fc.boolean(),
  load: fc.boolean(),
  catalog: fc.boolean(),
})

/** The lines of a valid lake, in block style, so that every line is one key. */
function linesOf(tables: readonly TableSpec[]): string[] {
  const lines = ['lake: flights', 'buckets:', '  raw: flights-raw', '  lake: flights-lake-${stage}', 'warehouses:']
  lines.push('  analytics:', '    workgroup: analytics', '    database: dev', 'tables:')
  for (const [index, { format, bucket, archive, load, catalog }] of tables.entries()) {
    lines.push(`  table${index}:`, `    location: s3://\${buckets.${bucket}}/silver/t${index}`, `    format: ${format}`)
    if (format !== 'delta') lines.push('    partitions: [dt]')
    if (catalog) lines.push('    catalog:', '      database: silver')
    if (load) lines.push('    load:', '      warehouse: analytics', `      target: public.t${index}`)
    if (archive) lines.push('    archive:', '      - after: 90 days', '        to: GLACIER_IR')
  }
  return lines
}

const lakes = fc.array(table, { minLength: 1, maxLength: 8 }).map(linesOf)

interface Mutation {
  readonly name: string
  /** The lines that it applies to. */
  readonly on: RegExp
  readonly to: (line: string) => string
}

const mutations: readonly Mutation[] = [
  {
    name: 'a missing letter in a key',
    on: /^( {4,}(?:- )?|)(lake|tables|location|format|partitions|catalog|database|workgroup|load|target|archive|after):/,
    to: (line) => line.replace(/(\w)(\w+):/, '$2:'),
  },
  { name: 'an extra letter in a key', on: /^ {4,}(?:- )?\w+:/, to: (line) => line.replace(/(\w+):/, '$1x:') },
  { name: 'an undeclared bucket', on: /\$\{buckets/, to: (line) => line.replace(/\}/, 's}') },
  { name: 'an undeclared warehouse', on: / warehouse:/, to: (line) => line.replace('analytics', 'analytic') },
  { name: 'a bad duration', on: / after:/, to: (line) => line.replace('days', 'dayz') },
  { name: 'an unknown storage class', on: / to:/, to: (line) => line.replace('IR', 'RI') },
  { name: 'an unknown format', on: / format:/, to: (line) => line.replace(/: .*/, ': orc') },
  { name: 'a bad bucket name', on: /: flights-raw$/, to: (line) => line.replace('-', '_') },
  { name: 'a bad Glue name', on: / {6}database:/, to: (line) => line.replace('silver', 'Silver') },
  { name: 'a number for a text', on: / target:/, to: (line) => line.replace(/: .*/, ': 7') },
  { name: 'a map for a text', on: / (location|target|after):/, to: (line) => line.replace(/: .*/, ': { a: b }') },
  {
    name: 'a missing value',
    on: / (location|format|partitions|target|warehouse):/,
    to: (line) => line.replace(/: .*/, ':'),
  },
  { name: 'a location without a bucket', on: / location:/, to: (line) => line.replace(/: .*/, ': s3://elsewhere/x') },
  { name: 'an unknown tag', on: / format:/, to: (line) => line.replace(': ', ': !x ') },
]

const settings = { seed: 20_261_122, numRuns: 1000 }

test('every valid lake is resolved, with all its tables', () => {
  fc.assert(
    fc.property(lakes, (lines) => {
      const resolved = resolveLake(lines.join('\n'), 'lake.yml')
      expect('problems' in resolved ? resolved.problems : []).toEqual([])
      expect('lake' in resolved && Object.keys(resolved.lake.tables)).toEqual(
        lines.filter((line) => /^ {2}table/.test(line)).map((line) => line.trim().slice(0, -1)),
      )
    }),
    settings,
  )
})

test('a mistake in any line is reported on that line', () => {
  const done = new Set<string>()
  fc.assert(
    fc.property(lakes, fc.constantFrom(...mutations), fc.nat(), (lines, { name, on, to }, choice) => {
      const fitting = [...lines.keys()].filter((index) => on.test(lines[index]!))
      fc.pre(fitting.length > 0)
      const index = fitting[choice % fitting.length]!
      const text = lines.with(index, to(lines[index]!)).join('\n')
      done.add(name)
      const resolved = resolveLake(text, 'lake.yml')
      expect('problems' in resolved ? resolved.problems.map(({ line }) => line) : []).toContain(index + 1)
    }),
    settings,
  )
  expect([...done].toSorted()).toEqual(mutations.map(({ name }) => name).toSorted())
})

const nested = (lines: readonly string[], inner: string): string[] => [
  ...lines,
  '  inner:',
  `    location: ${inner}`,
  '    format: delta',
]

test('a table inside another, or a duplicate key or table, is reported on the line that causes it', () => {
  fc.assert(
    fc.property(lakes, fc.constantFrom('', '/', '/x', '/x/y'), fc.nat(), (lines, below, choice) => {
      const locations = lines.filter((line) => line.includes('location:'))
      const outer = locations[choice % locations.length]!.split(': ')[1]!
      const overlapping = resolveLake(nested(lines, `${outer}${below}`).join('\n'), 'lake.yml')
      expect('problems' in overlapping && overlapping.problems.map(({ line }) => line)).toEqual([lines.length + 2])
      const at = choice % lines.length
      const copied = lines.toSpliced(at + 1, 0, lines[at]!)
      if (/^ +- /.test(lines[at]!) || !/: ./.test(lines[at]!)) return
      const twice = resolveLake(copied.join('\n'), 'lake.yml')
      expect('problems' in twice && twice.problems.map(({ line, message }) => [line, message.split(';')[0]])).toEqual([
        [at + 2, 'duplicate key'],
      ])
    }),
    settings,
  )
})

test('no text makes it throw, and every problem has a position inside the text', () => {
  const bits = fc.constantFrom(
    'lake',
    'tables',
    'buckets',
    'stages',
    ':',
    ': ',
    '\n',
    '\n  ',
    '\n    ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '&a ',
    '*a',
    '${',
    '}',
    'stage',
    '!!set ',
    '? ',
    '|',
    '>',
    '#',
    '%YAML 1.1',
    '---',
    '<<',
    '\t',
    '~',
    '0x1F',
    '.nan',
    '\u{1F600}',
    '\u0000',
    '\r',
    '__proto__',
  )
  const texts = fc.oneof(
    fc.array(bits, { maxLength: 40 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
    // A valid lake with a part of it replaced.
    fc.tuple(lakes, fc.nat(), fc.nat(30), fc.array(bits, { maxLength: 5 })).map(([lines, start, length, parts]) => {
      const text = lines.join('\n')
      const from = start % text.length
      return text.slice(0, from) + parts.join('') + text.slice(from + length)
    }),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const lines = text.split('\n')
      for (const resolved of [resolveLake(text, 'lake.yml', 'prod'), resolveStages(text, 'lake.yml')]) {
        const problems = 'problems' in resolved ? resolved.problems : []
        expect('lake' in resolved || problems.length > 0).toBe(true)
        for (const { line, column } of problems) {
          expect(lines[line - 1]).toBeDefined()
          expect(column - 1).toBeLessThanOrEqual(lines[line - 1]!.length)
        }
      }
    }),
    { seed: 20_261_122, numRuns: 5000 },
  )
})

test('aliases that expand to a billion values are refused without being expanded', () => {
  const levels = Array.from(
    { length: 12 },
    (_, level) =>
      `a${level}: &a${level} [${Array(9)
        .fill(level === 0 ? 'x' : `*a${level - 1}`)
        .join(', ')}]`,
  )
  const started = performance.now()
  const resolved = resolveLake(levels.join('\n'), 'lake.yml')
  expect('problems' in resolved && resolved.problems.some(({ message }) => message.includes('too many values'))).toBe(
    true,
  )
  expect(performance.now() - started).toBeLessThan(10_000)
})

test('ordinary aliases are accepted', () => {
  const text =
    'lake: x\nbuckets: { b: bucket }\ntables:\n  one: { location: s3://bucket/1, format: delta, catalog: &c { database: d } }\n  two: { location: s3://bucket/2, format: delta, catalog: *c }\n'
  const resolved = resolveLake(text, 'lake.yml')
  expect('lake' in resolved && resolved.lake.tables.two?.catalog).toEqual({ database: 'd', table: 'two' })
})

test('a file of more than 1 MiB is refused before it is parsed', () => {
  const resolved = resolveLake(`lake: x #${'\u00e4'.repeat(512 * 1024)}`, 'lake.yml')
  expect('problems' in resolved && resolved.problems.map(({ message }) => message)).toEqual([
    'the file is too large: expected at most 1048576 bytes, found 1048585 bytes',
  ])
})

test('a lake of 5,000 tables is resolved in seconds', () => {
  const lines = linesOf(
    Array.from({ length: 5000 }, () => ({
      format: 'delta',
      bucket: 'lake',
      archive: false,
      load: false,
      catalog: true,
    })),
  )
  const started = performance.now()
  const resolved = resolveLake(lines.join('\n'), 'lake.yml')
  const took = performance.now() - started
  expect('lake' in resolved && Object.keys(resolved.lake.tables).length).toBe(5000)
  // About 0.5 s on an idle machine; the margin is for a busy one.
  expect(took).toBeLessThan(5000)
})
