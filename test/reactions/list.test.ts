import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { reactionInfra } from '../../infra/index.ts'
import { reactions } from '../../src/reactions/index.ts'

const root = join(import.meta.dirname, '../..')

/** The names of the files in a folder, without their extension. */
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

/** Functions that belong to no reaction: they receive events, wake subjects, or serve the deploy. */
const engine = ['bucket-events', 'commits', 'endpoint-logs', 'files', 'sweep', 'webhook']
/** A second sample event for one of them. */
const samples = ['webhook-mlflow']
/** A folder beside the reactions that is not one: it composes lake.yml from their parts. */
const others = ['declaration']

const names = reactions.map(({ name }) => name).toSorted()
const and = (more: readonly string[]) => [...names, ...more].toSorted()

describe('the list of reactions matches the files that are named after them', () => {
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

  test('each has a decide.ts and a reaction.ts', () => {
    for (const name of names)
      expect(filesIn(`src/reactions/${name}`, '.ts')).toEqual(expect.arrayContaining(['decide', 'reaction']))
  })
})
