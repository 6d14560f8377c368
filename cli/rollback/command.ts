import type { Model } from '../../src/reactions/deployment/settings.ts'
import { endpointSubject } from '../../src/lake/subjects.ts'
import { sha256 } from '../../src/node/sha256.ts'
import { configName } from '../../src/reactions/deployment/resource-names.ts'
import { help, readArguments, wholeNumber } from '../arguments.ts'
import { type Command, type ExitCode, type Io, UsageError } from '../command.ts'
import { type Deployed, wake } from '../deployed.ts'
import { onDeployed } from '../lake.ts'
import { type Waiting, waitingOn } from '../progress.ts'
import { registryOf } from '../registries.ts'
import { modelOf } from '../subjects.ts'
import { follow, type Followed, rollBack, type RollbackRequest, undo, updateState } from './rollback.ts'
import { followedText, rollbackDocument, rollbackText, undoText } from './text.ts'

export const command: Command = {
  summary: 'rolls an endpoint back to an earlier version and holds it there',
  usage: `landfall rollback ENDPOINT [FILE] [--to VERSION | --undo] [--wait SECONDS]
    [--stage STAGE] [--json]

  ENDPOINT        name of the endpoint in lake.yml, or endpoint/NAME
${help.file}
  --to VERSION    a kept version of the model (default: the one before)
  --undo          release the hold and deploy the promoted version again, also
                  after it failed
  --wait SECONDS  how long to wait until it is in service (default: do not wait)
${help.stage}
${help.json}

The endpoint stays at that version until another one is promoted in the
registry. Nothing is rebuilt: lake.yml's keep sets how many deployments stay
available. Run it again to go back one more. Exits with 1 when there is nothing
to go back to, or the version was not in service in time.

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
      const request = isUndo === true ? undefined : await requestOf(model, to as string | undefined, deployed, io)
      return carryOut(model, request, { wait, json: options.json }, deployed, io)
    })
  },
}

/** A rollback also works while the registry is unreachable. */
async function requestOf(model: Model, to: string | undefined, deployed: Deployed, io: Io): Promise<RollbackRequest> {
  const request = { now: Date.now(), to }
  try {
    const found = await registryOf(deployed.lake, model.registry).promoted(model.registered, model.promote)
    if (found === undefined) return request
    const config = configName(model, found, deployed.called.stack, sha256)
    return { ...request, promoted: { version: found.version, config } }
  } catch (error) {
    io.err(`registry ${model.registry} unavailable; assuming the last deployed version is the promoted one`)
    io.err(`  ${error instanceof Error ? error.message : String(error)}`)
    return { ...request, promoted: 'unknown' }
  }
}

async function carryOut(
  model: Model,
  request: RollbackRequest | undefined,
  { wait, json }: { readonly wait: number; readonly json: boolean },
  deployed: Deployed,
  io: Io,
): Promise<ExitCode> {
  const { name } = model.endpoint
  const key = { subject: endpointSubject(name), reaction: 'deployment' }
  const { change } = await updateState(key, deployed.ledger, (state, isRunning) =>
    request === undefined ? undo(state) : rollBack(state, isRunning, request),
  )
  if (change.kind === 'problem') {
    io.err(`landfall rollback: ${name}: ${change.problem}`)
    if (change.advice !== undefined) io.err(`  ${change.advice}`)
    return 1
  }
  await wake(deployed, key.subject, ['deployment'])
  const { stage } = deployed.lake
  const text = request === undefined ? undoText(name, change) : rollbackText(name, change, stage)
  if (!json) for (const line of text) io.out(line)
  const { to } = change
  const followed: Followed | undefined =
    to === undefined || wait === 0
      ? undefined
      : await follow(key, to.config, deployed.ledger, Date.now() + wait, waitingFor(name, io))
  if (json) io.out(JSON.stringify(rollbackDocument(name, request, change, followed), undefined, 2))
  else if (followed !== undefined && to !== undefined)
    for (const line of followedText(name, to.version, followed, wait, stage)) io.out(line)
  return followed === undefined || followed.kind === 'served' ? 0 : 1
}

function waitingFor(endpoint: string, io: Io): Waiting {
  const waiting = waitingOn(io)
  return { ...waiting, progress: (text) => waiting.progress(`${endpoint}: ${text}`) }
}
