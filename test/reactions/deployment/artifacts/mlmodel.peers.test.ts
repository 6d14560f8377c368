import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { answerOf, fragments, ourAnswer } from './mlmodel-answers.ts'

const python = process.env['LANDFALL_PYTHON'] ?? join(import.meta.dirname, '../../../../.venv/bin/python')
const root = mkdtempSync(join(tmpdir(), 'landfall-mlmodels-'))
afterAll(() => rmSync(root, { recursive: true }))

const pieces = fc.array(fc.constantFrom(...fragments), { maxLength: 12 }).map((parts) => parts.join(''))
const documents = fc.sample(pieces, { seed: 10_2026, numRuns: 20_000 })
writeFileSync(join(root, 'documents.json'), JSON.stringify(documents))
const printed = execFileSync(python, [join(import.meta.dirname, 'mlmodels.py'), root, join(root, 'documents.json')], {
  encoding: 'utf8',
  maxBuffer: 2 ** 27,
})
const theirs = JSON.parse(printed) as ({ readonly document: unknown } | null)[]
const written = (name: string): Buffer => readFileSync(join(root, name))

test('a model of 20,000 columns, as MLflow writes it, is read', () => {
  expect(written('wide').length).toBeGreaterThan(2 ** 20)
  expect(ourAnswer(written('wide'))).toEqual({ isPyfunc: true, version: '3.17.2' })
})

test('a model whose metadata looks like keys, as MLflow writes it, is read', () => {
  for (const odd of ['&id001', '!!binary', `  ? 'long key`, '*id001', '\\L'])
    expect(written('odd').toString()).toContain(odd)
  expect(ourAnswer(written('odd'))).toEqual({ isPyfunc: true, version: '3.17.2' })
})

test('models without a flavor python_function, as MLflow writes them, are not served', () => {
  expect(ourAnswer(written('spark'))).toEqual({ isPyfunc: false })
  expect(ourAnswer(written('empty'))).toEqual({ isPyfunc: false })
})

test('what PyYAML reads is read the same, or refused', () => {
  let read = 0
  for (const [nth, text] of documents.entries()) {
    const [ours, their] = [ourAnswer(text), theirs[nth]]
    if ('refused' in ours || their === null || their === undefined) continue
    read++
    expect({ text, ...ours }).toEqual({ text, ...answerOf(their.document) })
  }
  expect(read).toBeGreaterThan(500)
})
