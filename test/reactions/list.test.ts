import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { reactionInfra } from '../../infra/index.ts'
import { reactions } from '../../src/reactions/index.ts'

const root = join(import.meta.dirname, '../..')

/** Names of the files in a folder, without their ending. */
function filesIn(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map(({ name }) => name.slice(0, -ending.length))
}

function foldersIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
}

/** The functions that belong to no reaction: they take events in, wake subjects, and serve the deploy. */
const engine = ['bucket-events', 'commits', 'files', 'sweep', 'webhook']
/** A second sample of one of them. */
const samples = ['webhook-mlflow']
/** What is no reaction beside the reactions: it puts lake.yml together from what they bring. */
const others = ['declaration']

const names = reactions.map(({ name }) => name).toSorted()
const and = (more: readonly string[]) => [...names, ...more].toSorted()

describe('the list of reactions and the files that are named after them are the same', () => {
  test.each([
    ['functions', filesIn('functions', '.ts'), and(engine)],
    ['events', filesIn('events', '.json'), and([...engine, ...samples])],
    ['docs/reactions', filesIn('docs/reactions', '.md'), names],
    ['infra/reactions', filesIn('infra/reactions', '.ts'), names],
    ['src/reactions', foldersIn('src/reactions'), and(others)],
    ['infra/index.ts', Object.keys(reactionInfra), names],
  ])('%s', (_where, found, expected) => {
    expect(found.toSorted()).toEqual(expected)
  })

  test('each has the same rooms', () => {
    for (const name of names)
      expect(filesIn(`src/reactions/${name}`, '.ts')).toEqual(expect.arrayContaining(['decide', 'reaction']))
  })
})
