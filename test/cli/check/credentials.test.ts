import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { main } from '../../../cli/main.ts'
import { problemLines } from '../../../src/lake/problem-text.ts'
import { resolveStages } from '../../../src/reactions/declaration/resolve.ts'
import { validLake } from '../../reactions/declaration/valid-lake.ts'

const folder = mkdtempSync(join(tmpdir(), 'landfall-credentials-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ADDRESS = "'https://mlflow.example.com'"

/** All that `landfall check` prints, as text and as JSON, on a terminal without end. */
async function printed(lake: string, ...args: string[]): Promise<{ code: number; text: string }> {
  const file = join(folder, 'lake.yml')
  writeFileSync(file, lake)
  const lines: string[] = []
  const io = { out: (line: string) => lines.push(line), err: (line: string) => lines.push(line), width: 100_000 }
  const code = await main(['check', file, ...args], io)
  await main(['check', file, '--json', ...args], io)
  return { code, text: lines.join('\n') }
}

const withAddress = (address: string) => validLake.replace(ADDRESS, address)

describe('credentials in an address of lake.yml', () => {
  test('are refused at their position, masked, with the address that was meant', async () => {
    const { code, text } = await printed(withAddress("'https://u:hunter2@mlflow.example.com'"))
    expect(code).toBe(1)
    expect(text).toContain('registries.main.mlflow  credentials or a query in an address: expected an https://')
    expect(text).toContain("found 'https://***@mlflow.example.com'; did you mean 'https://mlflow.example.com'?")
    // The same length, so that the caret stays where the problem is.
    expect(text).toContain(`mlflow: 'https://*********@mlflow.example.com', secret`)
    expect(text).not.toContain('hunter2')
  })

  test.each([
    ['without a scheme', "'u:hunter2@mlflow.example.com'"],
    ['without quotes', '{x: 1}, secret: landfall/mlflow, artifacts: s3://mlflow } }\n#'],
    ['in double quotes', '"https://u:hunter2@mlflow.example.com"'],
    ['with escapes of YAML', String.raw`"https:\u002f\u002fu:hunter2\x40mlflow.example.com"`],
    ['over two lines', '"https://u:hun\\\n      ter2@mlflow.example.com"'],
    ['with an impossible port', "'https://u:hunter2@mlflow.example.com:99999'"],
    ['without TLS', "'http://u:hunter2@mlflow.example.com'"],
    ['on this machine', "'http://u:hunter2@localhost:5000'"],
    ['with backslashes', String.raw`'https:\\u:hunter2@mlflow.example.com'`],
    ['with one slash', "'https:/u:hunter2@mlflow.example.com'"],
    ['without slashes', "'https:u:hunter2@mlflow.example.com'"],
    ['as a user alone', "'https://hunter2@mlflow.example.com'"],
    ['with a slash in the password', "'https://u:hunter2/x@mlflow.example.com'"],
    ['with @ in the password', "'https://u:hunter2@x@mlflow.example.com'"],
    ['with a space in the password', "'https://u:x hunter2@mlflow.example.com'"],
    ['with a quote in the password', `'https://u:x''hunter2@mlflow.example.com'`],
    ['longer than a message shows', `'https://u:hunter2${'x'.repeat(80)}@mlflow.example.com'`],
    ['of a database', "'postgresql://u:hunter2@db/mlflow'"],
    ['in a query', "'https://mlflow.example.com/?token=hunter2'"],
    ['in a fragment', "'https://mlflow.example.com/#hunter2'"],
    ['beside a placeholder', "'https://u:hunter2${stage}@mlflow.example.com'"],
    ['in a placeholder', "'https://${hunter2}:x@mlflow.example.com'"],
    ['in a placeholder with a colon', "'https://u${x:hunter2}@mlflow.example.com'"],
    ['in an unfinished placeholder', "'https://u:${hunter2@mlflow.example.com'"],
    ['in a list', "['https://u:hunter2@mlflow.example.com']"],
    ['as a key', "{ 'https://u:hunter2@mlflow.example.com': 1 }"],
    ['in no YAML', "'https://u:hunter2@mlflow.example.com' x"],
    ['in no YAML, without a scheme', "'u:hunter2@mlflow.example.com"],
    ['behind a tab in no YAML', "\t'https://u:hunter2@mlflow.example.com' }"],
    ['with a second address', "'https://u:hunter2@a.example', secret: 'https://u:hunter2@b.example'"],
    ['where a name belongs', "'https://mlflow.example.com', secret: 'https://u:hunter2@b.example'"],
    ['where a place belongs', `${ADDRESS}, artifacts: 's3://u:hunter2@bucket/x'`],
  ])('are not printed: %s', async (_how, address) => {
    const { code, text } = await printed(withAddress(address))
    expect(code).toBe(1)
    expect(text).not.toMatch(/hunter|ter2/)
  })

  test.each([
    ['a wrong secret', "'https://u:hunter2@mlflow.example.com', secret: '*'"],
    ['an unknown key', "'https://u:hunter2@mlflow.example.com', sekret: x"],
    ['a duplicate key', "'https://u:hunter2@mlflow.example.com', mlflow: x"],
    ['a comment', `${ADDRESS}, secret: '*' } } # was https://u:hunter2@mlflow.example.com`],
  ])('are not printed with another problem of the same line: %s', async (_what, rest) => {
    const { text } = await printed(withAddress(rest))
    expect(text).toMatch(/\^/)
    expect(text).not.toContain('hunter2')
  })

  test('are not printed from a stage, a bucket that is part of the address, or the workspace', async () => {
    const lakes = [
      `${validLake}stages: { prod: { databricks: { host: 'https://u:hunter2@dbc.example.com' } } }\n`,
      validLake.replace('raw: flights-raw', "raw: 'u:hunter2@x'").replace(ADDRESS, "'https://${buckets.raw}.example'"),
      validLake.replace("'https://dbc.example.com'", "'https://dbc.example.com/?o=hunter2'"),
    ]
    for (const lake of lakes) {
      const { code, text } = await printed(lake)
      expect([code, text.includes('hunter2')]).toEqual([1, false])
    }
  })

  test('are not printed, whatever they look like and wherever the line is wrong too', () => {
    const anything = fc.string({
      unit: fc.constantFrom(...Array.from('abZ019:/@?#%&=+ .,;\'"{}[]\\|ü')),
      maxLength: 12,
    })
    const around = fc.constantFrom(', sekret: x', ', secret: "*"', '', ', mlflow: 7')
    fc.assert(
      fc.property(anything, anything, fc.boolean(), around, (user, end, isDouble, rest) => {
        const value = `https://${user}:hunter2${end}@mlflow.example.com`
        const quoted = isDouble ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`
        const lake = withAddress(`${quoted}${rest}`)
        const resolved = resolveStages(lake, 'lake.yml')
        const problems = 'problems' in resolved ? resolved.problems : []
        expect(problems).not.toEqual([])
        expect(JSON.stringify(problems)).not.toContain('hunter')
        expect(problemLines(problems, lake, 100_000).join('\n')).not.toContain('hunter')
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['as JSON in place of its name', `secret: '{"token":"hunter2"}'`],
    ['as JSON with escapes', String.raw`secret: "{\"webhook\": \"x\", \"client_secret\": \"hunter2\"}"`],
    ['as a form', "secret: 'client_id=x&client_secret=hunter2'"],
    ['as a map', 'secret: { username: u, password: "hun,ter2 hunter2" }'],
    ['under a key of its own', 'secret: landfall/mlflow, token: hunter2 hunter2'],
    ['under a key of its own, in no YAML', "secret: landfall/mlflow, 'api_key': hunter2' }"],
  ])('what belongs into a secret is not printed: %s', async (_how, rest) => {
    const { code, text } = await printed(validLake.replace('secret: landfall/mlflow', rest))
    expect(code).toBe(1)
    expect(text).toMatch(/\^/)
    expect(text).not.toMatch(/hunter|ter2/)
  })

  test('are no concern where @ means something else', async () => {
    const image = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/a:b@sha256:x'
    const { text } = await printed(validLake.replace('promote:', `image: "${image}"\n    promote:`))
    expect(text).toContain(`found '${image.slice(0, 59)}`)
  })
})
