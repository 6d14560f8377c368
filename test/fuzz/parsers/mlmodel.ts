import { Refused } from '../../../src/core/refused.ts'
import { readMlmodel, servingVersion } from '../../../src/reactions/deployment/artifacts/mlmodel.ts'
import type { Parser } from '../parser.ts'
import { bombsAt, fixture, text, times } from './fixtures.ts'

const folder = { bucket: 'models', prefix: 'churn/1' }
const file = new TextDecoder().decode(fixture('fuzz/MLmodel'))
const old =
  'artifact_path: model\nflavors:\n  python_function:\n    env: conda.yaml\n    loader_module: mlflow.sklearn\nrun_id: 1\n'
const LARGEST = 16 * 1024 * 1024
const refused = ['no-artifacts', 'not-pyfunc', 'no-mlflow-version']
const bomb = bombsAt('MLmodel', refused)

export const mlmodel: Parser = {
  name: 'mlmodel',
  lambda: 'deployment',
  seeds: [
    { name: 'of MLflow 3', bytes: text(file), place: 'MLmodel', answer: 'read' },
    { name: 'of MLflow 1', bytes: text(old), place: 'MLmodel', answer: 'no-mlflow-version' },
    {
      name: 'as JSON',
      bytes: text('{"flavors":{"python_function":{}},"mlflow_version":"2.9.0"}'),
      place: 'MLmodel',
      answer: 'read',
    },
  ],
  mutators: [
    // YAML's own: anchors, merge keys, tags, blocks and documents.
    (bytes, random) => {
      const lines = new TextDecoder('latin1').decode(bytes).split('\n')
      const odd = [
        'a: &a [*a, *a]',
        '<<: *b',
        '!!binary x',
        '--- ',
        '...',
        '? [',
        '- - - -',
        'x: |\n ',
        '\tkey: 1',
        '%YAML 1.1',
        '"\\x',
        '{',
        '[',
        '&b',
        "k: '",
      ]
      lines.splice(random.below(lines.length), random.below(2), random.one(odd))
      return Uint8Array.from(Buffer.from(lines.join('\n'), 'latin1'))
    },
  ],
  answers: ['read', ...refused],
  bombs: [
    bomb('256 kB of opening brackets', () => times('[', 256 * 1024)),
    bomb('a MiB of opening brackets', () => times('[', 1024 * 1024)),
    bomb('a MiB of opening braces', () => times('{', 1024 * 1024)),
    bomb('16 MiB of opening brackets', () => times('[', LARGEST)),
    bomb('brackets behind a key', () => text(`${old}x: ${'['.repeat(1_000_000)}`), ['no-mlflow-version', ...refused]),
    bomb('a MiB of sequences in sequences', () => times('- ', 512 * 1024)),
    bomb('mappings nested ten thousand deep', () =>
      text(Array.from({ length: 4_000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')),
    ),
    bomb(
      'aliases that double',
      () =>
        text(
          `a0: &a0 [x]\n${Array.from({ length: 40 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]\n`).join('')}${file}`,
        ),
      ['read', ...refused],
    ),
    bomb('a quote without an end', () => text(`${old}x: "${'a'.repeat(LARGEST - 1_000)}`)),
    bomb(
      'a million keys',
      () => text(`${file}${Array.from({ length: 1_000_000 }, (_, at) => `k${at}: 1\n`).join('')}`),
      ['read', ...refused],
    ),
    bomb(
      'a signature of 20,000 columns',
      () => text(`${file}notes: '${'{"type": "long", "name": "a"}, '.repeat(40_000)}'\n`),
      ['read'],
    ),
    bomb('empty lines', () => times('\n', LARGEST)),
    bomb('spaces', () => times(' ', LARGEST)),
    bomb('comments', () => times('#\n', LARGEST / 2)),
  ],
  async run(input) {
    try {
      servingVersion(readMlmodel(input, folder), folder)
      return 'read'
    } catch (error) {
      if (error instanceof Refused) return error.code
      throw error
    }
  },
}
