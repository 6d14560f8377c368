import { sha256 } from '../../src/node/sha256.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Model } from '../../src/lake/lake.ts'
import { configName } from '../../src/reactions/deployment/names.ts'
import { endpointSubject } from '../../src/lake/subjects.ts'
import { readArguments, wholeNumber } from '../arguments.ts'
import { type Command, type ExitCode, type Io, UsageError } from '../command.ts'
import { type Deployed, wake } from '../deployed.ts'
import { modelOf } from '../status/endpoints.ts'
import { onDeployed } from '../lake.ts'
import { progressOn } from '../progress.ts'
import { registryOf } from '../registries.ts'
import { type Ask, type Change, changeState, follow, type Followed, rollBack, undo } from './rollback.ts'

export const command: Command = {
  summary: 'puts an endpoint back onto an earlier deployment, and holds it there',
  usage: `landfall rollback ENDPOINT [FILE] [--to VERSION | --undo] [--wait SECONDS] [--stage STAGE] [--json]

  ENDPOINT        its name in lake.yml, or endpoint/NAME
  --to VERSION    back to this version of the model, of those that are kept; to the one before without it
  --undo          lets go of it: what the registry says is deployed again, also after it failed
  FILE            the lake; lake.yml without it
  --wait SECONDS  how long to wait until it is in service; not at all without it
  --stage STAGE   which deployment of it; dev without it, local for the one that npm start runs
  --json          one JSON document

The endpoint stays there until the registry's mark is put onto another version. Nothing is made anew: as many deployments as
lake.yml's keep says are still there. Called again once it is there, it goes back one more. Exits with 1 when there is nothing to
go back to, or it was not in service in time.

  landfall rollback delay --wait 900 --stage prod`,

  async run(args, io) {
    const options = readArguments(args, {
      operands: ['ENDPOINT'],
      options: { to: { type: 'string' }, undo: { type: 'boolean' }, wait: { type: 'string' } },
    })
    const { to, undo: isUndo = false } = options.options
    const wait = 1_000 * wholeNumber('--wait', options.options['wait'] ?? '0')
    if (to !== undefined && isUndo === true) throw new UsageError('--to and --undo exclude each other')
    return onDeployed(options, io, async (deployed) => {
      const model = modelOf(deployed.lake, options.operands[0]!)
      const asked = isUndo === true ? undefined : await askOf(model, to as string | undefined, deployed, io)
      return carryOut(model, asked, { wait, json: options.json }, deployed, io)
    })
  },
}

/** A registry that does not answer stops no rollback. */
async function askOf(model: Model, to: string | undefined, deployed: Deployed, io: Io): Promise<Ask> {
  const ask = { now: Date.now(), ...(to === undefined ? {} : { to }) }
  try {
    const found = await registryOf(deployed.lake, model.registry).promoted(model.registered, model.promote)
    if (found === undefined) return ask
    return {
      ...ask,
      promoted: { version: found.version, config: configName(model, found, deployed.called.stack, sha256) },
    }
  } catch (error) {
    io.err(`The registry ${model.registry} does not say what is promoted; taken for it is what was deployed last:`)
    io.err(`  ${error instanceof Error ? error.message : String(error)}`)
    return { ...ask, promoted: 'unknown' }
  }
}

async function carryOut(
  model: Model,
  ask: Ask | undefined,
  { wait, json }: { readonly wait: number; readonly json: boolean },
  deployed: Deployed,
  io: Io,
): Promise<ExitCode> {
  const { name } = model.endpoint
  const key = { subject: endpointSubject(name), reaction: 'deployment' }
  const { change } = await changeState(key, deployed.ledger, (state, isRunning) =>
    ask === undefined ? undo(state) : rollBack(state, isRunning, ask),
  )
  if (change.kind === 'problem') {
    io.err(`landfall rollback: ${name}: ${change.problem}`)
    return 1
  }
  await wake(deployed, key.subject, ['deployment'])
  const text = ask === undefined ? undoText(name, change) : rollbackText(name, change, deployed.lake.stage)
  if (!json) for (const line of text) io.out(line)
  const { to } = change
  const followed = to === undefined || wait === 0 ? undefined : await watch(to.config)
  if (json) io.out(JSON.stringify(documentOf(name, ask, change, followed), undefined, 2))
  else if (followed !== undefined && to !== undefined) io.out(followedText(name, to.version, followed, wait))
  return followed === undefined || followed.kind === 'served' ? 0 : 1

  function watch(config: string): Promise<Followed> {
    const progress = progressOn(io, Date.now)
    const waiting = {
      now: Date.now,
      sleep: (ms: number) => sleep(ms),
      progress: (at: string) => progress(`${name}: ${at}`),
    }
    return follow(key, config, deployed.ledger, Date.now() + wait, waiting)
  }
}

type Done = Exclude<Change, { kind: 'problem' }>

function rollbackText(endpoint: string, { kind, from, to }: Done, stage: string): string[] {
  const undoing = [
    "  Until the registry's mark is put onto another version. To let go of it:",
    `    landfall rollback ${endpoint} --undo --stage ${stage}`,
  ]
  if (to === undefined) return []
  if (kind === 'unchanged')
    return [`${endpoint} is on its way back to version ${to.version} (${to.config}) already`, ...undoing]
  if (from?.config === to.config) return [`${endpoint} stays at version ${to.version} (${to.config})`, ...undoing]
  return [`${endpoint} goes back from version ${from?.version} to version ${to.version} (${to.config})`, ...undoing]
}

function undoText(endpoint: string, { kind, from, to }: Done): string[] {
  if (kind === 'unchanged')
    return [`${endpoint} is not held, and nothing failed; it is woken to look at what the registry says`]
  const what = to === undefined ? 'what the registry says' : `version ${to.version}, or what the registry says by now,`
  return [
    `${endpoint} is let go of: ${what} is deployed`,
    ...(from === undefined ? [] : [`  Version ${from.version} serves until then.`]),
  ]
}

function followedText(endpoint: string, version: string, followed: Followed, wait: number): string {
  switch (followed.kind) {
    case 'served':
      return `${endpoint} serves version ${version}`
    case 'late':
      return `${endpoint} does not serve version ${version} after ${wait / 1_000} s; landfall status says how it stands`
    case 'failed':
      return `${endpoint} does not get to version ${version}: ${followed.reason}`
  }
}

function documentOf(endpoint: string, ask: Ask | undefined, { kind, from, to }: Done, followed: Followed | undefined) {
  const at = (each: Done['from']) => (each === undefined ? null : { version: each.version, config: each.config })
  return {
    endpoint,
    changed: kind === 'changed',
    ...(ask === undefined ? { undone: true } : { undone: false, from: at(from), to: at(to) }),
    ...(followed === undefined ? {} : { followed }),
  }
}
