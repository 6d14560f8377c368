import * as z from 'zod/mini'
import { PutSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { Refused } from '../../src/core/refused.ts'
import { secretsManager } from '../../src/aws/secrets.ts'
import type { Secrets } from '../../src/core/secrets.ts'

/** Secrets that may be written, too. */
export interface SecretKeeper extends Secrets {
  put(id: string, text: string): Promise<void>
}

export function secretKeeper(client: SecretsManagerClient): SecretKeeper {
  return {
    ...secretsManager(client),
    async put(SecretId, SecretString) {
      await client.send(new PutSecretValueCommand({ SecretId, SecretString }))
    },
  }
}

const filled = z.string().check(z.minLength(1))
const schema = z.looseObject({ webhook: z.optional(z.union([filled, z.array(filled)])) })

/**
 * What a registry's webhook signs with, the first of those in its secret; made, and put there, where there is none. All else in
 * the secret stays as it is.
 *
 * @throws {Refused} `no-such-secret`; `bad-secret` for one that is no JSON object
 */
export async function signingSecret(
  id: string,
  secrets: SecretKeeper,
  random: () => string,
): Promise<{ readonly secret: string; readonly isNew: boolean }> {
  const { webhook, all } = await read(id, secrets)
  if (webhook[0] !== undefined) return { secret: webhook[0], isNew: false }
  const secret = random()
  await secrets.put(id, JSON.stringify({ ...all, webhook: [secret] }))
  return { secret, isNew: true }
}

/**
 * Puts a new one before the one in use: both are taken, so that nothing that is delivered meanwhile is lost. An older one, of a
 * rotation before, goes.
 *
 * @throws {Refused} as {@link signingSecret}
 */
export async function rotatedSecret(id: string, secrets: SecretKeeper, random: () => string): Promise<string> {
  const { webhook, all } = await read(id, secrets)
  const secret = random()
  await secrets.put(id, JSON.stringify({ ...all, webhook: [secret, ...webhook.slice(0, 1)] }))
  return secret
}

async function read(id: string, secrets: Secrets) {
  const { success, data } = schema.safeParse(parse(await secrets.read(id)))
  if (!success)
    throw new Refused('bad-secret', `the secret ${id} is no JSON object with text for its webhook`, {
      subject: id,
      expected: '{"webhook": ["…"], …}',
      advice: `Put the registry's credentials there as JSON; landfall makes the "webhook" in it.`,
    })
  const { webhook = [] } = data
  return { webhook: typeof webhook === 'string' ? [webhook] : webhook, all: data }
}

/** Nothing of the secret's text is repeated. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
