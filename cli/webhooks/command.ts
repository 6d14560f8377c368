import { quoted } from '../../src/lake/problem.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { help, readArguments } from '../arguments.ts'
import { type Command, type ExitCode, UsageError } from '../command.ts'
import { onDeployed } from '../lake.ts'
import { waitingOn } from '../progress.ts'
import { registriesOf } from '../registries.ts'
import { webhookAddress } from './address.ts'
import { doctor } from './examine.ts'
import { registerAll, rotateAll } from './registrations.ts'
import type { Task } from './task.ts'

export const command: Command = {
  summary: 'sets up registry webhooks and diagnoses them',
  usage: `landfall webhooks register|doctor|rotate [REGISTRY] [FILE] [--url URL]
    [--prune] [--stage STAGE] [--json]

  register        create or repair the webhook of each registry, and test it
  doctor          diagnose why promotions are not deployed; changes nothing
  rotate          give the webhook a new signing secret; the previous one is
                  accepted until the next rotation
  REGISTRY        name of the registry in lake.yml (default: all)
${help.file}
  --url URL       address to deliver to (default: the deployed HTTP API)
  --prune         remove duplicates, and webhooks to former addresses
${help.stage}
${help.json}

register is safe to repeat. Where the registry's secret has no signing secret,
it adds one as "webhook". Exits with 1 when a test delivery was not
accepted, or the doctor found a problem.

  landfall webhooks register main --stage prod`,

  async run(args, io) {
    const options = readArguments(args, {
      operands: ['register|doctor|rotate', '[REGISTRY]'],
      options: { url: { type: 'string' }, prune: { type: 'boolean' } },
    })
    const [verb = '', registry] = options.operands
    const carryOut = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
    if (carryOut === undefined)
      throw new UsageError(`expected one of ${Object.keys(verbs).join(', ')}, found '${verb}'`)
    const url = urlOf(options.options['url'])
    return onDeployed(options, io, ({ lake }) =>
      carryOut({
        lake,
        chosen: registriesOf(withRegistries(lake), registry),
        address: () => (url === undefined ? webhookAddress(lake) : Promise.resolve(url)),
        url,
        prune: options.options['prune'] === true,
        json: options.json,
        io,
        waiting: waitingOn(io),
      }),
    )
  },
}

const verbs: Readonly<Record<string, (task: Task) => Promise<ExitCode>>> = {
  register: registerAll,
  doctor,
  rotate: rotateAll,
}

/** @throws {UsageError} */
function withRegistries(lake: Lake): Lake {
  if (Object.keys(lake.registries).length > 0) return lake
  throw new UsageError(`lake ${lake.name} has no registries`)
}

/** @throws {UsageError} */
function urlOf(given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined
  if (URL.canParse(given) && /^https?:[^@?#]+$/.test(given)) return given
  throw new UsageError(
    `--url expects an address such as https://example.com, without user and query, found ${quoted(given)}`,
  )
}
