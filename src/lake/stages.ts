/** The stages of a lake.yml and their overrides. */
import { deployNameFault } from './names.ts'
import { closestMatch } from './closest-match.ts'
import { didYouMean, oneOf, quoted, type Finding, type Path } from './problem.ts'
import { describe, entryAt, overlay, type MapNode } from './tree.ts'

/** The stage if none is named. It need not be declared. */
export const defaultStage = 'dev'

/** The prefix that makes a path of the merged lake one of the file: `stages.STAGE` if an override sets the value. */
export function overridePath(merged: MapNode, path: Path, stage: string): Path {
  for (let length = path.length; length > 0; length--) {
    const entry = entryAt(merged, path.slice(0, length))
    if (entry !== undefined) return entry.node.overriding ? ['stages', stage] : []
  }
  return []
}

export function stageNames(root: MapNode): string[] {
  const stages = root.entries.get('stages')?.node
  return stages?.kind === 'map' ? [...stages.entries.keys()] : []
}

/** The lake without `stages`, merged with the overrides of this stage. */
export function withStage(root: MapNode, stage: string, findings: Finding[]): MapNode {
  const entries = new Map(root.entries)
  const stages = root.entries.get('stages')
  entries.delete('stages')
  const base: MapNode = { ...root, entries }
  const bad = deployNameFault(stage)
  if (bad !== undefined)
    findings.push({
      at: 0,
      path: ['stages', stage],
      found: quoted(stage),
      expected: bad.expected,
      message: `bad stage name: expected ${bad.expected}, found ${quoted(stage)}`,
    })
  if (stages === undefined) return base
  if (stages.node.kind !== 'map') {
    findings.push(stagesFinding(stages.node.at, ['stages'], 'a map from stages to overrides', describe(stages.node)))
    return base
  }
  const own = stages.node.entries.get(stage)
  if (own === undefined) {
    if (stage !== defaultStage) findings.push(unknownStage(stage, stages.keyAt, [...stages.node.entries.keys()]))
    return base
  }
  if (own.node.kind === 'map') return overlay(base, own.node) as MapNode
  findings.push(stagesFinding(own.node.at, ['stages', stage], 'a map of overrides', describe(own.node)))
  return base
}

function stagesFinding(at: number, path: readonly string[], expected: string, found: string): Finding {
  return { at, path, expected, found, message: `expected ${expected}, found ${found}` }
}

function unknownStage(stage: string, at: number, known: readonly string[]): Finding {
  const suggestion = closestMatch(stage, [...known, defaultStage])
  const expected = oneOf([...known, defaultStage])
  const message = `there is no stage '${stage}'${suggestion === undefined ? `; expected ${expected}` : didYouMean(suggestion)}`
  return {
    at,
    path: ['stages'],
    expected,
    found: quoted(stage),
    message,
    suggestion,
  }
}
