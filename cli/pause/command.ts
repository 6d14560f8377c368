import { help } from '../arguments.ts'
import type { Command } from '../command.ts'
import { pauseOrResume } from '../pausing.ts'

export const command: Command = {
  summary: 'pauses a reaction; its messages wait in the queue',
  usage: `landfall pause REACTION [FILE] [--stage STAGE] [--json]

  REACTION        catalog, job, deployment, …; or commits or files, which
                  receive S3 events
${help.file}
${help.stage}
${help.json}

The function gets no more messages until landfall resume; it finishes those it
already has. Messages are kept for four days. Safe to repeat. landfall status
shows what is paused.

  landfall pause catalog --stage prod`,
  run: (args, io) => pauseOrResume(args, true, io),
}
