import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { distinct } from '../src/core/distinct.ts'
import { facts } from '../src/reactions/facts.ts'
import { reactions } from '../src/reactions/index.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const sources = (folder: string, ending = '.ts'): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`)

/** The distinct matches of the first group of `pattern` in these files. */
function found(files: readonly string[], pattern: RegExp): string[] {
  const all = files.flatMap((file) => [...read(file).matchAll(pattern)].map(([, code = '']) => code))
  return distinct(all).toSorted()
}

/** The names that a page does not contain as code. */
function missingIn(page: string, names: readonly string[]): string[] {
  return names.filter((name) => !page.includes(`\`${name}\``))
}

const REFUSED = /new Refused\(\s*'([a-z-]+)'/g

describe('codes are documented', () => {
  test('refusals of deployments', () => {
    const clients = [...sources('src/registry'), ...sources('src/databricks'), ...sources('src/aws')].filter((file) =>
      /\/(registry\/.*|aws\/secrets|databricks\/token)\.ts$/.test(file),
    )
    const files = [...sources('src/reactions/deployment'), ...sources('src/registry')]
    const codes = [
      ...found([...files, ...clients], REFUSED),
      ...found(['src/registry/rest-api.ts'], /return \[\s*'([a-z-]+)'/g),
    ]
    expect(codes).toEqual(expect.arrayContaining(['no-artifacts', 'limit-exceeded', 'permission-denied']))
    expect(missingIn(read('docs/reactions/deployment.md'), codes)).toEqual([])
  })

  test('rejected deliveries', () => {
    const files = [...sources('src/intake/webhook')]
    const codes = [...found(files, REFUSED), ...found(files, /(?:rejected\(\d+|note\(path), '([a-z-]+)'/g)]
    expect(codes).toEqual(expect.arrayContaining(['not-a-delivery', 'unknown-path', 'not-remembered']))
    expect(missingIn(read('docs/webhooks.md'), codes)).toEqual([])
  })

  test('findings of webhooks doctor', () => {
    const files = sources('cli/webhooks')
    const codes = [
      ...found(files, /\b(?:ok|note|problem)\(\s*'([a-z-]+)'/g),
      ...found(
        sources('cli/webhooks').filter((file) => !file.endsWith('/registrations.ts')),
        REFUSED,
      ),
    ]
    expect(codes).toEqual(expect.arrayContaining(['delivery', 'no-webhook', 'by-eventbridge', 'not-deployed']))
    expect(missingIn(read('docs/cli.md'), codes)).toEqual([])
  })
})

test('every progress of a version is documented', () => {
  const [, progress = ''] = /type Progress = (.*)/.exec(read('src/reactions/deployment/state.ts')) ?? []
  const all = [...progress.matchAll(/'([a-z-]+)'/g)].map(([, each = '']) => each)
  expect(all).toContain('superseded')
  expect(missingIn(read('docs/reactions/deployment.md'), all)).toEqual([])
})

test('every fact on the bus is documented', () => {
  const pages = reactions.map(({ name }) => read(`docs/reactions/${name}.md`))
  expect(missingIn([read('docs/intake.md'), ...pages].join('\n'), Object.keys(facts))).toEqual([])
})

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-')

test('every link between the pages leads to a file, and to a heading if it names one', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', ...sources('docs', '.md')]
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
      .filter(([, path = '', anchor]) => {
        const target = path === '' ? page : join(dirname(page), path)
        if (!existsSync(join(root, target))) return true
        const headings = target.endsWith('.md') ? [...read(target).matchAll(/^#+ (.*)$/gm)] : []
        return anchor !== undefined && !headings.some(([, heading = '']) => anchorOf(heading) === anchor)
      })
      .map(([link]) => `${page}: ${link}`),
  )
  expect(broken).toEqual([])
})
