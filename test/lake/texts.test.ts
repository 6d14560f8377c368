import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { durationFault, parseDuration } from '../../src/lake/duration.ts'
import { parseLocation } from '../../src/lake/location.ts'
import { locationUri } from '../../src/lake/lake.ts'
import { bucketFault } from '../../src/lake/names.ts'
import { closestMatch } from '../../src/lake/closest-match.ts'

describe('durations', () => {
  test.each([
    ['20 s', 20_000],
    ['250ms', 250],
    ['10 min', 600_000],
    ['2 h', 7_200_000],
    ['1 day', 86_400_000],
    ['90 days', 7_776_000_000],
    ['0 s', 0],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
    expect(durationFault(text)).toBeUndefined()
  })

  test.each([
    '',
    '20',
    's',
    '-1 s',
    '1.5 h',
    '20  s',
    ' 20 s',
    '20 S',
    '20 s\n',
    '1 month',
    '1e3 s',
    '9'.repeat(30) + ' days',
  ])('an ambiguous one is refused: %j', (text) => {
    expect(parseDuration(text)).toBeUndefined()
    expect(durationFault(text)?.expected).toContain('a unit')
  })

  test('suggestions are valid durations', () => {
    for (const text of ['20 seconds', '5m', '3 Hours', '20 S', ' 1 d', '2 hrs.'])
      expect(parseDuration(durationFault(text)?.suggestion ?? '')).toBeGreaterThan(0)
  })
})

test('bucket names at the limits of the rules', () => {
  for (const name of ['abc', 'a.b', '1a1', 'a'.repeat(63), 'a-b.c-d', '1.2.3', 'my-xn--x'])
    expect([name, bucketFault(name)]).toEqual([name, undefined])
  for (const name of [
    'ab',
    'a'.repeat(64),
    '-ab',
    'ab-',
    'a..b',
    'a_b',
    'aB1',
    '1.2.3.4',
    'xn--a',
    'sthree-a',
    'amzn-s3-demo-a',
    'a-s3alias',
    'a--ol-s3',
    'a.mrap',
    'a--x-s3',
    'a--table-s3',
    'abc\n',
  ])
    expect([name, bucketFault(name)?.what]).toEqual([name, 'bad bucket name'])
})

test('a location survives being written and parsed', () => {
  const part = fc.stringMatching(/^[a-zA-Z0-9=_ äü+-][a-zA-Z0-9=_. äü+-]{0,8}$/).filter((text) => text !== '_delta_log')
  const location = fc.record({
    bucket: fc.stringMatching(/^[a-z][a-z0-9-]{1,10}[a-z]$/),
    prefix: fc.array(part, { maxLength: 4 }).map((parts) => parts.join('/')),
  })
  fc.assert(
    fc.property(location, fc.boolean(), (written, slash) => {
      expect(parseLocation(`${locationUri(written)}${slash ? '/' : ''}`)).toEqual(written)
    }),
    { seed: 42, numRuns: 500 },
  )
})

describe('closestMatch finds the most likely word, or none', () => {
  const keys = ['location', 'format', 'partitions', 'catalog', 'job', 'load', 'rows', 'archive']
  test.each([
    ['locaton', 'location'],
    ['fromat', 'format'],
    ['Catalog', 'catalog'],
    ['jbo', 'job'],
    ['partition', 'partitions'],
    ['retention', undefined],
    ['x', undefined],
  ])('%s: %s', (word, expected) => {
    expect(closestMatch(word, keys)).toBe(expected)
  })
})
