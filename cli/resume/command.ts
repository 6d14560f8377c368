import type { Command } from '../command.ts'
import { pause } from '../pause/command.ts'

export const command: Command = {
  summary: 'lets a paused reaction go on with what waits for it',
  usage: `landfall resume REACTION [FILE] [--stage STAGE] [--json]

  REACTION       catalog, job, deployment, …; or commits or files, which take in what S3 says
  FILE           the lake; lake.yml without it
  --stage STAGE  which deployment of it; dev without it, local for the one that npm start runs
  --json         one JSON document

All that has landed meanwhile is taken in one go. Safe to repeat. After a pause of more than four days, landfall sweep makes
good what the queue has let go of.

  landfall resume catalog --stage prod`,
  run: (args, io) => pause(args, false, io),
}
