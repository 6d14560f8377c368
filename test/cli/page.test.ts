import { readFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { commands } from '../../cli/main.ts'

const page = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8')

describe('docs/cli.md', () => {
  test.each(Object.entries(commands))('has %s, with what its --help says', async (name, load) => {
    const { command } = await load()
    expect(page).toContain(`\n## ${name}\n`)
    expect(page).toContain(`\n\`\`\`\n${command.usage}\n\`\`\`\n`)
  })

  test('has no command that is not there', () => {
    const headings = [...page.matchAll(/^## ([a-z]+)$/gm)].map(([, name]) => name)
    expect(headings).toEqual(Object.keys(commands))
  })

  test.each(Object.entries(commands))(
    'the usage of %s fits a terminal of 130 columns, and has an example',
    async (name, load) => {
      const { usage } = (await load()).command
      expect(Math.max(...usage.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(130)
      expect(usage.split('\n').at(-1)).toMatch(new RegExp(`^ {2}landfall ${name} `))
    },
  )
})
