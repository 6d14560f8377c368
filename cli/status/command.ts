import { help, readArguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import { onDeployed } from '../lake.ts'
import { isBad, readStatus } from './status.ts'
import { statusText } from './text.ts'

export const command: Command = {
  summary: 'shows progress, refusals and backlog of each reaction',
  usage: `landfall status [FILE] [--stage STAGE] [--json]

${help.file}
${help.stage}
${help.json}

Exits with 1 when something needs you: a refused subject, a model version that
failed to deploy, or a dead-lettered message.

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
