import { help } from '../arguments.ts'
import type { Command } from '../command.ts'
import { pauseOrResume } from '../pausing.ts'

export const command: Command = {
  summary: 'resumes a paused reaction, which then processes its backlog',
  usage: `landfall resume REACTION [FILE] [--stage STAGE] [--json]

  REACTION        catalog, job, deployment, …; or commits or files, which
                  receive S3 events
${help.file}
${help.stage}
${help.json}

The reaction processes everything that has arrived in the meantime in one go.
Safe to repeat. After a pause of more than four days, run landfall sweep: the
queue has dropped older messages.

  landfall resume catalog --stage prod`,
  run: (args, io) => pauseOrResume(args, false, io),
}
