import { Refused } from '../src/core/refused.ts'
import type { Milliseconds } from '../src/core/time.ts'
import { queueNames } from '../src/reactions/index.ts'
import { readArguments } from './arguments.ts'
import { CommandError, type ExitCode, type Io } from './command.ts'
import { onDeployed } from './lake.ts'
import type { Mapping, Mappings } from './mappings.ts'
import { type Waiting, waitingOn } from './progress.ts'
import { unknownName } from './subjects.ts'
import { counted } from './text.ts'

/** What `pause` and `resume` print with `--json`, beside the number of waiting messages. */
interface Switched {
  readonly reaction: string
  readonly state: 'paused' | 'running'
  /** False: it was in that state before. */
  readonly changed: boolean
}

/** AWS takes up to a minute; after this time something else must be wrong. */
const PATIENCE: Milliseconds = 180_000
const POLL_EVERY: Milliseconds = 1_000

/** Runs `landfall pause` and `landfall resume`. */
export async function pauseOrResume(args: readonly string[], paused: boolean, io: Io): Promise<ExitCode> {
  const options = readArguments(args, { operands: ['REACTION'] })
  const [reaction = ''] = options.operands
  return onDeployed(options, io, async ({ lake, called, mappings, queues }) => {
    const known = queueNames(lake)
    if (!known.includes(reaction)) throw unknownName(lake, 'reaction', reaction, known)
    const switched = await setPaused({ reaction, fn: called.fn(reaction) }, paused, mappings, waitingOn(io))
    const waiting = (await queues.depth(called.queue(reaction)))?.waiting ?? 0
    if (options.json) io.out(JSON.stringify({ ...switched, waiting }, undefined, 2))
    else for (const line of switchedText(switched, waiting, lake.stage)) io.out(line)
    return 0
  })
}

function switchedText({ reaction, state, changed }: Switched, waiting: number, stage: string): string[] {
  const messages = `${counted(waiting, 'message')} waiting`
  if (state === 'running') return [`${reaction} ${changed ? 'is running again' : 'was not paused'}; ${messages}`]
  return [
    `${reaction} ${changed ? 'is paused' : 'was already paused'}; ${messages}`,
    `  Resume it: landfall resume ${reaction} --stage ${stage}`,
  ]
}

/**
 * Switches the event source mappings of a reaction's function and waits until the change is done. Safe to repeat, and to
 * interrupt: AWS completes what was requested.
 * @throws {Refused} `not-deployed` where the function has no mapping
 * @throws {CommandError} when AWS has not done it within three minutes
 */
export async function setPaused(
  { reaction, fn }: { readonly reaction: string; readonly fn: string },
  paused: boolean,
  mappings: Mappings,
  waiting: Waiting,
): Promise<Switched> {
  const found = await mappings.of(fn)
  if (found.length === 0)
    throw new Refused('not-deployed', `there is no function ${fn} that reads from a queue`, {
      advice: 'Deploy the lake to this stage, or choose another stage with --stage.',
    })
  const wanted = paused ? 'Disabled' : 'Enabled'
  const end = waiting.now() + PATIENCE
  let changed = false
  for (const { id } of found) {
    // A mapping in transition accepts no other change (ResourceInUseException).
    let mapping = await stable(id)
    if (mapping.state === wanted) continue
    changed = true
    mapping = await mappings.setEnabled(id, !paused)
    if (mapping.state !== wanted) mapping = await stable(id)
    if (mapping.state !== wanted)
      throw new Error(`the event source mapping ${id} of ${fn} is ${mapping.state}, expected ${wanted}`)
  }
  return { reaction, state: paused ? 'paused' : 'running', changed }

  async function stable(id: string): Promise<Mapping> {
    for (;;) {
      const mapping = await mappings.get(id)
      if (!mapping.state.endsWith('ing')) return mapping
      if (waiting.now() >= end)
        throw new CommandError(
          `the event source mapping ${id} of ${fn} is still ${mapping.state} after ${PATIENCE / 60_000} minutes`,
          'Run the command again; it is safe to repeat.',
        )
      waiting.progress(`${reaction}: ${mapping.state.toLowerCase()} …`)
      await waiting.sleep(POLL_EVERY)
    }
  }
}
