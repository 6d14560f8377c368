import type { Milliseconds } from '../../src/core/time.ts'
import type { Followed, RollbackRequest, StateChange } from './rollback.ts'

type Success = Exclude<StateChange, { kind: 'problem' }>

export function rollbackText(endpoint: string, { kind, from, to }: Success, stage: string): string[] {
  if (to === undefined) return []
  const target = `version ${to.version} (${to.config})`
  const what =
    kind === 'unchanged'
      ? `already going back to ${target}`
      : from?.config === to.config
        ? `staying at ${target}`
        : `going back from version ${from?.version} to ${target}`
  return [
    `${endpoint}: ${what}`,
    '  It stays there until another version is promoted. To release it:',
    `    landfall rollback ${endpoint} --undo --stage ${stage}`,
  ]
}

export function undoText(endpoint: string, { kind, from, to }: Success): string[] {
  if (kind === 'unchanged') return [`${endpoint}: not held, and nothing failed; comparing it with the registry`]
  return [
    `${endpoint}: released; deploying ${to === undefined ? 'the promoted version' : `version ${to.version}, or what is promoted by now`}`,
    ...(from === undefined ? [] : [`  Version ${from.version} serves until then.`]),
  ]
}

export function followedText(
  endpoint: string,
  version: string,
  followed: Followed,
  wait: Milliseconds,
  stage: string,
): string[] {
  switch (followed.kind) {
    case 'served':
      return [`${endpoint}: version ${version} is in service`]
    case 'late':
      return [
        `${endpoint}: timed out after ${wait / 1_000} s; version ${version} is not in service yet`,
        `  Check its progress: landfall status --stage ${stage}`,
      ]
    case 'failed':
      return [`${endpoint}: version ${version} is not in service: ${followed.reason}`]
  }
}

/** What `--json` prints. */
export function rollbackDocument(
  endpoint: string,
  request: RollbackRequest | undefined,
  { kind, from, to }: Success,
  followed: Followed | undefined,
) {
  const at = (each: Success['from']) => (each === undefined ? null : { version: each.version, config: each.config })
  return {
    endpoint,
    changed: kind === 'changed',
    ...(request === undefined ? { undone: true } : { undone: false, from: at(from), to: at(to) }),
    followed,
  }
}
