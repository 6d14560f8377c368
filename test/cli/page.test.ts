import { readFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { commands } from '../../cli/main.ts'

const page = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8')

describe('docs/cli.md', () => {
  test.each(Object.entries(commands))('documents %s with its --help text', async (name, load) => {
    const { command } = await load()
    expect(page).toContain(`\n## ${name}\n`)
    expect(page).toContain(`\n\`\`\`\n${command.usage}\n\`\`\`\n`)
  })

  test('documents no unknown command', () => {
    const headings = [...page.matchAll(/^## ([a-z]+)$/gm)].map(([, name]) => name)
    expect(headings).toEqual(Object.keys(commands))
  })

  test.each(Object.entries(commands))(
    'the usage of %s fits 80 columns and ends with an example',
    async (name, load) => {
      const { usage } = (await load()).command
      expect(Math.max(...usage.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80)
      expect(usage.split('\n').at(-1)).toMatch(new RegExp(`^ {2}landfall ${name} `))
    },
  )

  test('the summaries fit 80 columns', async () => {
    for (const load of Object.values(commands))
      expect((await load()).command.summary.length).toBeLessThanOrEqual(80 - '  '.length - 12)
  })
})
