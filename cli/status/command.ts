import { readArguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import { onDeployed } from '../lake.ts'
import { isBad, readStatus } from './status.ts'
import { statusText } from './text.ts'

export const command: Command = {
  summary: 'how far each reaction has come, what was refused, what waits',
  usage: `landfall status [FILE] [--stage STAGE] [--json]

  FILE           the lake; lake.yml without it
  --stage STAGE  which deployment of it; dev without it, local for the one that npm start runs
  --json         one JSON document

Exits with 1 when something waits for you: a refused subject, a version that failed, a dead letter.

  landfall status --stage prod`,

  async run(args, io) {
    const options = readArguments(args)
    return onDeployed(options, io, async (deployed) => {
      const status = await readStatus(deployed.lake, deployed)
      if (options.json) io.out(JSON.stringify(status, undefined, 2))
      else for (const line of statusText(status, Date.now(), io.width)) io.out(line)
      return isBad(status) ? 1 : 0
    })
  },
}
