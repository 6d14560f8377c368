import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parse, stringify, type ToStringOptions } from 'yaml'
import { type Answer, answerOf, fragments, ourAnswer } from './mlmodel-answers.ts'

const SEED = { seed: 10_2026 }
const served = (version: string | null = '3.1.0'): Answer => ({ isPyfunc: true, version })
const notServed: Answer = { isPyfunc: false }
const model = 'flavors:\n  python_function: {}\nmlflow_version: 3.1.0\n'

/** The whole document as the `yaml` library reads it; `undefined` if it does not. */
function yamlAnswer(text: string): Answer | undefined {
  try {
    return answerOf(parse(text, { logLevel: 'error' }))
  } catch {
    return undefined
  }
}

describe('an MLmodel is read', () => {
  test.each<[string, string, Answer?]>([
    ['in block style, as MLflow writes it', model],
    ['with line ends of Windows', model.replaceAll('\n', '\r\n')],
    ['with a byte order mark', `\uFEFF${model}`],
    ['with markers, comments and blank lines', `# c\n\n--- # c\n${model.replaceAll('\n', ' # c\n\n#c\n')}...\n# end\n`],
    ['that is indented as a whole', model.replaceAll(/^/gm, '   ').trimEnd()],
    ['as JSON in one line', '{"flavors":{"python_function":{"a":[{}, "}"]}},"mlflow_version":"3.1.0"}'],
    ['as JSON in several', JSON.stringify({ flavors: { python_function: {} }, mlflow_version: '3.1.0' }, null, 2)],
    ['in flow style', '--- {flavors: {onnx: {a: b}, python_function}, mlflow_version: 3.1.0, }'],
    [
      'with flavors in flow style over several lines',
      'flavors: {\n  python_function: # c\n    {},\n}\nmlflow_version: 3.1.0',
    ],
    ['with quotes', `"flavors":\n  'python_function': {}\n"mlflow_version" : '3.1.0'`],
    ['with escapes', `"fl\\x61vors": {"python\\u005ffunction": 1}\nmlflow_version: "3.1\\U0000002e0"`],
    ['with anchors and aliases', `env: &id001\n- a\nflavors: &f\n  python_function: *id001\nmlflow_version: &v 3.1.0`],
    ['with long keys elsewhere', `metadata:\n  ? ${'x'.repeat(2000)}\n  : - a\n    - b: c\n${model}`],
    ['with lists in the column of their key', `a:\n- - b: c\n    d: e\n  - f\n-\n- g\n${model}`],
    [
      'with text of several lines',
      `a: b\n  c: d`.replace(': d', ' d') + `\n  # c\nd: "x\n\n  y: z\n  "\ne: 'x\n  ''y'\n${model}`,
    ],
    [
      'with block text that looks like keys',
      `a: |\n  flavors: {}\n\n   mlflow_version: 1.0.0\nb: >2-\n   x\n  y\nc:\n- |+\n x\n\n${model}`,
    ],
    [
      'with text that looks like quotes, comments or brackets',
      `a: it's "b" #c [{\nb: x#y\nc: [it's, b"c, d#e]\nd: -1\ne: ?x\nf: :x\n${model}`,
    ],
    ['without a version', 'flavors:\n  python_function:\n', served(null)],
    ['with an empty version', 'mlflow_version:\nflavors: {python_function: }\n', served(null)],
    ['with a null', 'mlflow_version: ~\nflavors: {python_function: }\n', served(null)],
    ['with a version that is a number', 'mlflow_version: 3.1\nflavors: {python_function: }\n', served(null)],
    ['with a version that is a list', 'mlflow_version: [3.1.0]\nflavors: {python_function: }\n', served(null)],
  ])('%s', (_, text, expected = served()) => {
    expect(yamlAnswer(text)).toEqual(expected)
    expect(ourAnswer(text)).toEqual(expected)
  })

  test.each([
    ['no flavors', 'a: b'],
    ['flavors that are empty', 'flavors:'],
    ['flavors that are a text', 'flavors: python_function'],
    ['flavors that are a list', 'flavors:\n- python_function: {}'],
    ['flavors that are a list, in flow style', 'flavors: [{python_function: {}}]'],
    ['it in another map', 'a:\n  python_function: {}\nflavors: {b: {python_function: {}}}'],
    ['it in another level', 'a: {flavors: {python_function: {}}}\nflavors:\n  b:\n    python_function: {}'],
    ['it in block text', 'a: |\n  x\n  flavors:\n    python_function: {}\n'],
    ['it in text of several lines', 'a: x\n  flavors\nb: "\n  flavors: {python_function: {}}"\n'],
    ['it in a comment', '# flavors: {python_function: {}}\na: b'],
    ['another word', 'flavors:\n  python_function2: {}\n  "python_function ": {}\n  !!str x: y'.replace('!!str ', '')],
  ])('with %s is not served', (_, text) => {
    expect(yamlAnswer(text)).toEqual(notServed)
    expect(ourAnswer(text)).toEqual(notServed)
  })
})

describe('an MLmodel is refused with its reason', () => {
  test.each([
    ['', 'line 1: an empty document'],
    ['---\n# c\n', 'line 3: an empty document'],
    ['just text', 'line 1: no map'],
    ['- a\n- b', 'line 1: no map'],
    ['[a]', 'line 1: no map'],
    ['{', 'line 1: a bracket that is not closed'],
    ['{"a": [}', 'line 1: a character that no value starts with'],
    ['a: "b', 'line 1: a quote that is not closed'],
    ['a: "b"c', 'line 1: text behind the end of a value'],
    ['a: b\n c: d', 'line 2: a key inside a text, or in several lines'],
    ['a:\n  b: c\n d: e', 'line 3: text that belongs to nothing, by its indentation'],
    ['a: 1\n- b', 'line 2: an item in a map'],
    ['a: 1\nb', 'line 2: text where a key should be'],
    ['a: - b', 'line 1: a character that no value starts with'],
    ['a: @b', 'line 1: a character that no value starts with'],
    ['a: {b: c]', 'line 1: two values without a comma between them'],
    [': a', 'line 1: a colon without a key'],
    [`${model}---\n${model}`, 'line 4: a second document'],
    [`${model}...\nx: y`, 'line 5: text behind the end of the document'],
    ['%YAML 1.1\n---\na: b', 'line 1: a character that no value starts with'],
    // Versions of YAML, and the libraries for one, read these differently.
    ['a: b\rflavors: c', 'line 1: the character U+000D'],
    ['a: b\u2028flavors: c', 'line 1: the character U+2028'],
    ['a: b\0', 'line 1: the character U+0000'],
    ['a:\tb', 'line 1: a tab outside of quotes'],
    ['a: |\n   \n  b', 'line 3: a blank line with more spaces than the text below it'],
    ['flavors: {python_function}\nflavors: {}', 'the key flavors twice'],
    ['mlflow_version: 1.0.0\nmlflow_version: 2.0.0', 'the key mlflow_version twice'],
    // What a program would have to resolve.
    ['a: &a {python_function: {}}\nflavors: *a', 'flavors with an alias or a tag'],
    ['flavors: !!map {python_function: {}}', 'flavors with an alias or a tag'],
    ['flavors: !x\n  python_function: {}', 'flavors with an alias or a tag'],
    ['mlflow_version: !!str 3.1.0', 'mlflow_version with an alias or a tag'],
    ['mlflow_version: |-\n  3.1.0', 'mlflow_version in several lines'],
    ['mlflow_version: "3.1\\\n  .0"', 'mlflow_version in several lines'],
    ['<<: {flavors: {python_function: {}}}', 'a key of its own that is not plain text'],
    ['? flavors\n: {python_function: {}}', 'a key of its own that is not plain text'],
    ['flavors:\n  <<: {python_function: {}}', 'a key of flavors that is not plain text'],
    ['flavors: {*a : b}', 'a key of flavors that is not plain text'],
    // PyYAML takes the quotes, or the brackets, to go on; YAML 1.2 does not.
    ['a: "\n---\nflavors: {python_function: {}}\n"', 'line 2: the end of the document inside quotes'],
    ['a: [\n---\nflavors, {python_function: {}}\n]', 'line 2: the end of the document inside brackets'],
  ])('%j', (text, refused) => {
    expect(ourAnswer(text)).toEqual({ refused })
  })

  test('that is not UTF-8', () => {
    expect(ourAnswer('é')).toEqual({ refused: 'line 1: no map' })
  })

  test('lines of quotes and brackets that are not indented are no keys, as PyYAML reads them', () => {
    for (const text of [
      'a: "\nflavors: {python_function: {}}\n"',
      "a: '\nflavors: {python_function: {}}\n'",
      'a: [\nflavors, {python_function: {}}\n]',
    ]) {
      expect(ourAnswer(text)).toEqual(notServed)
    }
  })

  test('a long list of flavors is cut in the message', () => {
    const text = `flavors: {${Array.from({ length: 5_000 }, (_, i) => `f${i}${'x'.repeat(500)}: 1`).join(', ')}}`
    expect(ourAnswer(text)).toEqual(notServed)
  })
})

describe('whatever an MLmodel says, the answer is that of a whole YAML parser, or a refusal:', () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'ab:-#\'"[]{},&*!|>%@`?~.\\ \n'.split('')), maxLength: 12 }),
    fc.string(),
    fc.constantFrom('3.1.0', 'flavors', 'x'.repeat(200), 'long words '.repeat(30), 'a\n\nb: c\n', '- x\n# y\n'),
  )
  const key = fc.oneof(
    fc.constantFrom('flavors', 'python_function', 'mlflow_version', 'a', 'b c', '1', 'null'),
    fc.string({ maxLength: 8 }),
  )
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  const map = fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true })
  const document = fc
    .tuple(
      map,
      fc.option(fc.tuple(map, fc.boolean())),
      fc.option(fc.constantFrom<unknown>('3.1.0', '2.9.0rc1', 3.1, null, '1', [])),
      fc.boolean(),
    )
    .map(([rest, flavors, version, isShared]) => ({
      ...rest,
      ...(flavors !== null && { flavors: { ...flavors[0], ...(flavors[1] && { python_function: flavors[0] }) } }),
      ...(version !== null && { mlflow_version: version }),
      ...(isShared && { shared: [rest, rest] }),
    }))
  const options = fc.record({
    indent: fc.integer({ min: 1, max: 6 }),
    indentSeq: fc.boolean(),
    lineWidth: fc.constantFrom(0, 20, 80),
    minContentWidth: fc.constantFrom(0, 20),
    collectionStyle: fc.constantFrom('any', 'block', 'flow'),
    defaultStringType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED'),
    defaultKeyType: fc.constantFrom(null, 'PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE'),
    flowCollectionPadding: fc.boolean(),
    directives: fc.constantFrom(null),
    version: fc.constantFrom('1.1', '1.2'),
  }) as fc.Arbitrary<ToStringOptions>

  /** What is known to be refused, of what the library writes. */
  const DOCUMENTED =
    /of \d+ characters|the character U\+|a tab outside of quotes|not plain text|in several lines|read differently|blank line with more spaces/

  test('documents as the library writes them, in many styles', () => {
    let read = 0
    fc.assert(
      fc.property(document, options, (data, style) => {
        const written = stringify(data, style)
        const [ours, theirs] = [ourAnswer(written), yamlAnswer(written)]
        if ('refused' in ours)
          return expect(theirs === undefined || DOCUMENTED.test(ours.refused) ? '' : ours.refused).toBe('')
        read++
        if (theirs !== undefined) expect(ours).toEqual(theirs)
      }),
      { ...SEED, numRuns: 4_000 },
    )
    expect(read).toBeGreaterThan(2_500)
  })

  test('pieces of YAML in any order', () => {
    let read = 0
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...fragments), { maxLength: 12 }), (pieces) => {
        const [ours, theirs] = [ourAnswer(pieces.join('')), yamlAnswer(pieces.join(''))]
        if ('refused' in ours || theirs === undefined) return
        read++
        expect(ours).toEqual(theirs)
      }),
      { ...SEED, numRuns: 20_000 },
    )
    expect(read).toBeGreaterThan(500)
  })
})
